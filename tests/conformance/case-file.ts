// The format of the files in cases/: one request a line, in redis-cli's quoting. Blank lines part
// sections, each of which begins with fresh connections and empty databases. Lines that begin with #
// are comments; one before a section is its name. What a line may begin with is in the table below,
// and in README.md of this folder.

import { splitArguments } from '../../src/util/split-arguments.ts';
import { exact, type Rendering } from '../support/render-reply.ts';

/** One line of a case file. */
export interface Step {
  readonly line: number;
  readonly text: string;
  /** The connection it goes through: 1 unless the line says otherwise. */
  readonly connection: number;
  readonly action: Action;
  readonly rendering: Rendering;
  /** The only protocol it is sent over, if not both. */
  readonly protocol: 2 | 3 | undefined;
  /** How many frames answer it. */
  readonly replies: number;
  /** Where the real server, if older than 7.2, answers something else: our reply, by protocol. */
  readonly recorded: { readonly resp2?: string; readonly resp3?: string } | undefined;
  /** The real server, if older than 7.2, does not know the request: it is not sent there. */
  readonly newRequest: boolean;
}

export type Action =
  /** Send and compare the reply. */
  | { readonly kind: 'call'; readonly args: readonly Buffer[] }
  /** Send, and wait until the server says that one client more is blocked. */
  | { readonly kind: 'block'; readonly args: readonly Buffer[] }
  /** Compare a frame that comes without a request of its own. */
  | { readonly kind: 'read' }
  /** Repeat until the key is gone (nil, 0, -2), without comparing. */
  | { readonly kind: 'untilGone'; readonly args: readonly Buffer[] }
  /** Send these bytes as they are and compare the reply. */
  | { readonly kind: 'raw'; readonly bytes: Buffer }
  /** The server closes the connection. */
  | { readonly kind: 'closed' }
  /** Set a directive for this section only. */
  | { readonly kind: 'config'; readonly name: string; readonly value: string };

export interface Section {
  readonly name: string;
  readonly line: number;
  readonly steps: readonly Step[];
}

interface Draft {
  connection: number;
  kind: Action['kind'];
  rendering: Rendering;
  protocol: 2 | 3 | undefined;
  replies: number;
  isRecorded: boolean;
  newRequest: boolean;
}

/** The sections of one file; a malformed line throws with its number. */
export function parseCases(text: string): readonly Section[] {
  const sections: { name: string; line: number; steps: Step[] }[] = [];
  let open: { name: string; line: number; steps: Step[] } | undefined;
  let comment = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '') {
      open = undefined;
      comment = '';
    } else if (content.startsWith('#')) {
      comment ||= content.replace(/^#+\s*/, '');
    } else if (content.startsWith('=')) {
      record(open?.steps, content, line);
    } else {
      if (open === undefined) {
        open = { name: comment || content, line, steps: [] };
        sections.push(open);
      }
      open.steps.push(parseStep(content, line));
    }
  }
  for (const { steps } of sections) {
    for (const step of steps) {
      if (step.recorded === undefined) continue;
      if (step.recorded.resp2 === undefined && step.recorded.resp3 === undefined) {
        throw new Error(`line ${step.line}: the marker needs a line "= reply" after it`);
      }
    }
  }
  return sections;
}

function record(steps: Step[] | undefined, content: string, line: number): void {
  const step = steps?.pop();
  const match = /^=([23]?)\s(.*)$/.exec(content);
  if (step?.recorded === undefined || match === null) {
    throw new Error(
      `line ${line}: "= reply", "=2 reply" or "=3 reply" follows a line marked …-7.2`,
    );
  }
  const [, protocol, reply] = match;
  const both = protocol === '' ? { resp2: reply, resp3: reply } : {};
  const one = protocol === '2' ? { resp2: reply } : protocol === '3' ? { resp3: reply } : {};
  steps?.push({ ...step, recorded: { ...step.recorded, ...both, ...one } });
}

function parseStep(content: string, line: number): Step {
  const draft: Draft = {
    connection: 1,
    kind: 'call',
    rendering: exact,
    protocol: undefined,
    replies: 1,
    isRecorded: false,
    newRequest: false,
  };
  let rest = content;
  for (;;) {
    const match = /^(?:@([\w.,-]+)|(\d)\|)\s*/.exec(rest);
    if (match === null) break;
    if (match[2] !== undefined) draft.connection = Number(match[2]);
    else applyMarker(draft, match[1], line);
    rest = rest.slice(match[0].length);
  }
  return {
    line,
    text: content,
    connection: draft.connection,
    action: toAction(draft.kind, rest, line),
    rendering: draft.rendering,
    protocol: draft.protocol,
    replies: draft.replies,
    recorded: draft.isRecorded ? {} : undefined,
    newRequest: draft.newRequest,
  };
}

function applyMarker(draft: Draft, marker: string, line: number): void {
  const count = /^replies-(\d+)$/.exec(marker);
  const fields = /^except-(.+)$/.exec(marker);
  if (count !== null) draft.replies = Number(count[1]);
  else if (fields !== null) draft.rendering = { ...draft.rendering, except: fields[1].split(',') };
  else if (marker === 'masked') draft.rendering = { ...draft.rendering, masked: true };
  else if (marker === 'unordered') draft.rendering = { ...draft.rendering, unordered: true };
  else if (marker === 'pairs') draft.rendering = { ...draft.rendering, pairs: true };
  else if (marker === 'resp2') draft.protocol = 2;
  else if (marker === 'resp3') draft.protocol = 3;
  else if (marker === 'since-7.2') draft.isRecorded = draft.newRequest = true;
  else if (marker === 'reply-7.2') draft.isRecorded = true;
  else if (marker === 'blocks') draft.kind = 'block';
  else if (marker === 'read') draft.kind = 'read';
  else if (marker === 'raw' || marker === 'closed') draft.kind = marker;
  else if (marker === 'until-gone') draft.kind = 'untilGone';
  else if (marker === 'config') draft.kind = 'config';
  else throw new Error(`line ${line}: there is no marker @${marker}; README.md lists them`);
}

function toAction(kind: Action['kind'], rest: string, line: number): Action {
  if (kind === 'read' || kind === 'closed') return { kind };
  const args = splitArguments(Buffer.from(rest));
  if (args === undefined || args.length === 0)
    throw new Error(`line ${line}: no request in "${rest}"`);
  if (kind === 'config') {
    const [name, value] = args.map(String);
    return { kind, name, value: value ?? '' };
  }
  if (kind === 'raw') return { kind, bytes: Buffer.concat(args.map(expand)) };
  return { kind, args: args.map(expand) };
}

/** `{text*N}` inside an argument stands for N times that text, so that long values stay readable. */
function expand(arg: Buffer): Buffer {
  const text = arg.toString('latin1');
  const expanded = text.replace(/\{([^{}*]+)\*(\d+)\}/g, (_, unit: string, n: string) =>
    unit.repeat(Number(n)),
  );
  return expanded === text ? arg : Buffer.from(expanded, 'latin1');
}
