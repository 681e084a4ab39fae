// What can be wrong with a simulated disk, as the fault plans that the simulated files ask.

import type { FaultPlan } from '../env/simulated/simulated-files.ts';

export type DiskTrouble = 'full' | 'read-only' | 'broken';

const changing: ReadonlySet<string> = new Set(
  'write truncate rename remove mkdir rmdir chmod'.split(' '),
);

export const diskTroubles: Readonly<Record<DiskTrouble, FaultPlan>> = {
  /** Takes half of a write; names are still there to be had. */
  full: (operation) => (operation === 'write' ? 'ENOSPC' : undefined),
  /** As a file system is remounted after an error. */
  'read-only': (operation, _path, mode) => {
    const changes = operation === 'open' ? mode !== 'read' : changing.has(operation);
    return changes ? 'EROFS' : undefined;
  },
  /** Takes writes, and then says that they did not last. */
  broken: (operation) => (operation === 'fsync' ? 'EIO' : undefined),
};
