// Runs one section of a case file against one server and writes down what came back, line by line.
// It knows nothing of a second server: comparing is conformance.test.ts's.

import { setTimeout as pause } from 'node:timers/promises';
import { render } from '../support/render-reply.ts';
import { RespConnection } from '../support/resp-connection.ts';
import type { Section, Step } from './case-file.ts';

/** What one step showed; several frames are joined by a space. */
export interface Observation {
  readonly line: number;
  readonly text: string;
  readonly reply: string;
}

const POLL_MS = 2;
const LIMIT_MS = 30_000;

/** Runs `section` over one protocol; `knows72`: also the requests that only 7.2 knows. */
export async function runSection(
  port: number,
  section: Section,
  protocol: 2 | 3,
  knows72: boolean,
): Promise<readonly Observation[]> {
  const runner = new SectionRunner(port, protocol);
  try {
    await runner.prepare();
    const seen: Observation[] = [];
    for (const step of section.steps) {
      if (step.protocol !== undefined && step.protocol !== protocol) continue;
      if (step.newRequest && !knows72) continue;
      const reply = await runner.run(step);
      if (reply !== undefined) seen.push({ line: step.line, text: step.text, reply });
    }
    return seen;
  } finally {
    await runner.finish();
  }
}

class SectionRunner {
  private readonly port: number;
  private readonly protocol: 2 | 3;
  private readonly connections = new Map<number, RespConnection>();
  private readonly changed = new Map<string, string>();
  private control: RespConnection | undefined;

  constructor(port: number, protocol: 2 | 3) {
    this.port = port;
    this.protocol = protocol;
  }

  async prepare(): Promise<void> {
    this.control = await RespConnection.open(this.port);
    await this.expectOk('FLUSHALL');
  }

  /** The reply as text, or nothing for a step that only waits. */
  async run(step: Step): Promise<string | undefined> {
    const { action } = step;
    const connection = await this.connection(step.connection);
    switch (action.kind) {
      case 'call': {
        connection.send(action.args);
        return this.read(step, connection);
      }
      case 'raw': {
        connection.sendRaw(action.bytes);
        return this.read(step, connection);
      }
      case 'read':
        return this.read(step, connection);
      case 'closed':
        await connection.closed();
        return 'closed';
      case 'block': {
        const before = await this.blockedClients();
        connection.send(action.args);
        await this.until(async () => (await this.blockedClients()) > before, step.text);
        return undefined;
      }
      case 'untilGone': {
        const isGone = async (): Promise<boolean> =>
          ['nil', 'null', '0', '-2'].includes(render(await connection.call(...action.args)));
        await this.until(isGone, step.text);
        return undefined;
      }
      case 'config':
        await this.configure(action.name, action.value);
        return undefined;
    }
  }

  /** Puts the configuration back and closes everything. */
  async finish(): Promise<void> {
    try {
      for (const [name, value] of this.changed) await this.expectOk('CONFIG', 'SET', name, value);
    } finally {
      for (const connection of this.connections.values()) connection.close();
      this.control?.close();
    }
  }

  private async read(step: Step, connection: RespConnection): Promise<string> {
    const texts: string[] = [];
    for (let i = 0; i < step.replies; i++) {
      texts.push(render(await connection.next(`line ${step.line}, ${step.text}`), step.rendering));
    }
    return texts.join(' ');
  }

  private async connection(number: number): Promise<RespConnection> {
    const known = this.connections.get(number);
    if (known !== undefined) return known;
    const connection = await RespConnection.open(this.port);
    this.connections.set(number, connection);
    if (this.protocol === 3) await connection.call('HELLO', '3');
    return connection;
  }

  private async configure(name: string, value: string): Promise<void> {
    const reply = await this.call('CONFIG', 'GET', name);
    if (reply.type !== 'array' || reply.items[1]?.type !== 'bulk') {
      throw new Error(`CONFIG GET ${name} answered ${render(reply)}`);
    }
    if (!this.changed.has(name)) this.changed.set(name, reply.items[1].bytes.toString());
    await this.expectOk('CONFIG', 'SET', name, value);
  }

  private async blockedClients(): Promise<number> {
    const reply = await this.call('INFO', 'clients');
    const text = reply.type === 'bulk' ? reply.bytes.toString() : '';
    const found = /^blocked_clients:(\d+)/m.exec(text);
    if (found === null) throw new Error(`INFO clients answered ${render(reply)}`);
    return Number(found[1]);
  }

  private async until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + LIMIT_MS;
    while (!(await isTrue())) {
      if (Date.now() > deadline) throw new Error(`${what}: waited ${LIMIT_MS} ms in vain`);
      await pause(POLL_MS);
    }
  }

  private async expectOk(...args: readonly string[]): Promise<void> {
    const reply = render(await this.call(...args));
    if (reply !== '+OK') throw new Error(`${args.join(' ')} answered ${reply}`);
  }

  private call(...args: readonly string[]): ReturnType<RespConnection['call']> {
    if (this.control === undefined) throw new Error('the section was not prepared');
    return this.control.call(...args);
  }
}
