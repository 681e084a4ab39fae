// What a checker has found so far. The same fault tends to show again and again: the first few say it.

import type { Violation } from './checker.ts';

const MOST = 20;

export class Findings {
  readonly all: Violation[] = [];
  readonly #checker: string;

  constructor(checker: string) {
    this.#checker = checker;
  }

  add(atMs: number, text: string): void {
    if (this.all.length < MOST) this.all.push({ checker: this.#checker, atMs, text });
  }
}
