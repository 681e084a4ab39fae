// What several checkers watch together is watched once: the first to ask for it makes it.

import type { World } from '../world.ts';

/** The one of its kind for each world. */
export function perWorld<T>(create: (world: World) => T): (world: World) => T {
  const made = new WeakMap<World, { readonly one: T }>();
  return (world) => {
    const known = made.get(world) ?? { one: create(world) };
    made.set(world, known);
    return known.one;
  };
}
