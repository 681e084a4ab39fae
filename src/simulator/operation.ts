// What the clients of a run did and what they were told: the only ground on which loss is counted.

import type { Answer } from './fleet-client.ts';

export interface Operation {
  readonly client: string;
  /** What went ahead of the command: the rest of a transaction. */
  readonly before: readonly (readonly (string | number)[])[];
  readonly command: readonly (string | number)[];
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly answer: Answer;
}

export class OperationLog {
  readonly all: Operation[] = [];
  acknowledged = 0;
  refused = 0;
  unknown = 0;

  add(operation: Operation): void {
    this.all.push(operation);
    if (operation.answer.kind === 'done') this.acknowledged++;
    else if (operation.answer.kind === 'refused') this.refused++;
    else this.unknown++;
  }
}
