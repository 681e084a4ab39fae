// A sentinel's state at its start: from the `sentinel` lines of its configuration, and with a state
// folder from what the last run left there.
//
// A state folder has to answer who is right when the two disagree. Settings: the state, which has what
// SENTINEL SET and MONITOR changed, unless the configuration was edited since (its fingerprint stands
// in the state file); then the configuration. What sentinels learn and promise (who leads, who
// follows, epochs, votes): always the state, for every master that is still monitored.

import { FileError, type Files } from '../env/files.ts';
import { sha256 } from '../util/sha256.ts';
import { splitArguments } from '../util/split-arguments.ts';
import {
  type LineContext,
  type ReadResult,
  readSentinelLines,
  type SentinelLine,
} from './config/sentinel-lines.ts';
import type { SavedMaster, SavedState } from './core/settings.ts';
import { stateFile, stateFileHead } from './state-store.ts';

export interface LoadedState {
  readonly state: SavedState;
  /** False at the first start: there is no id yet. */
  readonly hasId: boolean;
  /** `user` lines of a state folder, after the word; undefined: the configuration's hold. */
  readonly users: readonly (readonly string[])[] | undefined;
}

export interface StateSources extends LineContext {
  readonly files: Files;
  readonly lines: readonly SentinelLine[];
  /** Absolute; undefined: the configuration is the state. */
  readonly stateFolder: string | undefined;
}

/** The failure is the text for standard error. */
export type StateResult = LoadedState | { readonly error: string; readonly at: SentinelLine };

export function loadState(sources: StateSources): StateResult {
  const configured = readSentinelLines(sources.lines, sources);
  if ('error' in configured || sources.stateFolder === undefined) return withUsers(configured);
  const text = readText(sources.files, stateFile(sources.files, sources.stateFolder));
  if (text === undefined) return withUsers(configured);
  const lines = text.split('\n').flatMap(parseLine);
  const stored = readSentinelLines(
    lines.filter(({ words }) => words[0] === 'sentinel').map(withoutFirstWord),
    sources,
  );
  if ('error' in stored) return stored;
  if (!text.startsWith(stateFileHead(fingerprint(sources.lines)))) {
    return withUsers({ state: merged(configured.state, stored.state), hasId: stored.hasId });
  }
  const users = lines.filter(({ words }) => words[0] === 'user').map(({ words }) => words.slice(1));
  const { port, requirePass } = sources;
  const settings = { ...stored.state.settings, port, requirePass };
  return { state: { ...stored.state, settings }, hasId: stored.hasId, users };
}

/** Changes with any `sentinel` line of the configuration. */
export function fingerprint(lines: readonly SentinelLine[]): string {
  const said = lines.map(({ words }) => words.join('\0')).join('\n');
  return Buffer.from(sha256(Buffer.from(said, 'latin1')))
    .toString('hex')
    .slice(0, 32);
}

function withUsers(result: ReadResult): StateResult {
  return 'error' in result ? result : { ...result, users: undefined };
}

/** The settings of one with the knowledge of the other. */
function merged(configured: SavedState, stored: SavedState): SavedState {
  const known = new Map(stored.masters.map((master) => [master.name, master]));
  return {
    myId: stored.myId,
    currentEpoch: Math.max(configured.currentEpoch, stored.currentEpoch),
    settings: configured.settings,
    masters: configured.masters.map((master) => withKnowledge(master, known.get(master.name))),
  };
}

function withKnowledge(master: SavedMaster, stored: SavedMaster | undefined): SavedMaster {
  if (stored === undefined) return master;
  // Without a failover there is nothing to know: then the configuration says where the master is.
  const { host, port } = stored.configEpoch > 0 ? stored : master;
  const { name, settings } = master;
  return { ...stored, name, settings, host, port };
}

function readText(files: Files, path: string): string | undefined {
  try {
    if (files.stat(path) === undefined) return undefined;
    return files.readWhole(path).toString('latin1');
  } catch (error) {
    // Whoever cannot read it cannot write it either: the start's own check says so.
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

function parseLine(text: string, index: number): readonly SentinelLine[] {
  if (text.startsWith('#')) return [];
  const words = splitArguments(Buffer.from(text, 'latin1'))?.map((one) => one.toString('latin1'));
  if (words === undefined || words.length < 2) return [];
  return [{ words, line: index + 1, text }];
}

function withoutFirstWord(line: SentinelLine): SentinelLine {
  return { ...line, words: line.words.slice(1) };
}
