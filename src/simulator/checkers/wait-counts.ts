// WAIT's count is honest: at least so many replicas have taken in what the client wrote on the same
// connection before. Where the write stands in its stream is looked up in the record of streams.

import { encodeCommand } from '../../protocol/encode-command.ts';
import type { Answer } from '../fleet-client.ts';
import type { Load } from '../workload.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';
import { StreamWatch } from './stream-watch.ts';

/** The last write of a client that only this one can have made, and the way it went. */
interface Written {
  readonly command: Buffer;
  readonly link: number;
}

export class WaitCounts implements Checker {
  readonly name = 'wait-counts';
  readonly #findings = new Findings(this.name);
  readonly #written = new Map<string, Written>();

  attach(world: World, load: Load): void {
    const { record } = StreamWatch.of(world);
    load.onAnswer.push((client, command, answer) => {
      if (answer.kind !== 'done') return;
      const { link, master } = answer;
      if (command[0] === 'WAIT') {
        const written = this.#written.get(client);
        const found = written?.link === link ? record.find(written.command) : undefined;
        if (found === undefined) return;
        const { stream, offset } = found;
        let there = 0;
        for (const [node, reached] of stream.reached) {
          if (node !== master && reached >= offset) there++;
        }
        const count = counted(answer);
        if (count <= there) return;
        const text = `WAIT tells ${client} of ${count} replicas at ${offset}, there are ${there}`;
        this.#findings.add(world.nowMs, text);
      } else if (isUnique(command)) {
        this.#written.set(client, { command: encodeCommand(command), link });
      }
    });
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}

function counted(answer: Answer): number {
  return answer.kind === 'done' && answer.reply.kind === 'integer' ? answer.reply.value : 0;
}

/** Whether a command is written once by one client, so that its bytes name it. */
export function isUnique(command: readonly (string | number)[]): boolean {
  const [name, key] = command;
  if (name === 'SET') return command.length === 3 && !String(key).startsWith('counter:');
  return name === 'SADD';
}
