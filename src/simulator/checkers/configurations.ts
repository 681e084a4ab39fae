// At most one configuration an epoch: whoever announces a master of an epoch other than 0 announces the
// same address. Two would have clients write to two masters for good, since neither is the newer one.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';
import { SentinelWire } from './sentinel-wire.ts';

export class Configurations implements Checker {
  readonly name = 'configurations';
  readonly #findings = new Findings(this.name);
  readonly #addresses = new Map<string, string>();

  attach(world: World): void {
    SentinelWire.of(world).onHello.push((sentinel, hello) => {
      if (hello.configEpoch === 0) return;
      const key = `${hello.master} of epoch ${hello.configEpoch}`;
      const address = `${hello.masterHost}:${hello.masterPort}`;
      const before = this.#addresses.get(key);
      if (before === undefined) this.#addresses.set(key, address);
      else if (before !== address) {
        const text = `${sentinel} announces ${key} at ${address}, others at ${before}`;
        this.#findings.add(world.nowMs, text);
      }
    });
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
