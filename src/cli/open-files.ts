// maxclients against the number of descriptors that the system allows. Node raises the soft limit to
// the hard one by itself; beyond that a process can only want less.

import type { Log } from '../env/log.ts';

/** Descriptors that a node needs besides its clients: listeners, files, and Node's own. */
const RESERVED = 32;

/** How many clients are possible; undefined, logged, when it is not even one. */
export function fitMaxclients(maxclients: number, limit: number, log: Log): number | undefined {
  const needed = maxclients + RESERVED;
  if (limit >= needed) return maxclients;
  if (limit <= RESERVED) {
    log.warning(
      `Your current 'ulimit -n' of ${limit} is not enough for the server to start. Please increase your open file limit to at least ${needed}. Exiting.`,
    );
    return undefined;
  }
  const fitting = limit - RESERVED;
  log.warning(
    `You requested maxclients of ${maxclients} requiring at least ${needed} max file descriptors.`,
  );
  log.warning(
    `Current maximum open files is ${limit}. maxclients has been reduced to ${fitting} to compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.`,
  );
  return fitting;
}
