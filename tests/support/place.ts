// Where a program of a fleet runs: on the loopback of this machine, or on a host of its own
// (`namespaces.ts`), which can be cut off from others while this process still reaches it.

export interface Place {
  /** Where other places find it. */
  readonly address: string;
  /** Where this process finds it, whatever is cut. */
  readonly controlAddress: string;
  /** The words before a command line that make it run there. */
  readonly enter: readonly string[];
}

export const loopback: Place = {
  address: '127.0.0.1',
  controlAddress: '127.0.0.1',
  enter: [],
};

/** The addresses to listen at. */
export function addressesOf({ address, controlAddress }: Place): readonly string[] {
  return [...new Set([address, controlAddress])];
}
