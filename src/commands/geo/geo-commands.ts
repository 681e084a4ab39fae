// All commands on positions.

import type { DataCommand } from '../context.ts';
import { geoadd, geodist, geohash, geopos } from './geo-members.ts';
import {
  georadius,
  georadiusbymember,
  georadiusbymemberRo,
  georadiusRo,
  geosearch,
  geosearchstore,
} from './geo-search.ts';

export const geoCommands: readonly DataCommand[] = [
  geoadd,
  geodist,
  geohash,
  geopos,
  georadius,
  georadiusRo,
  georadiusbymember,
  georadiusbymemberRo,
  geosearch,
  geosearchstore,
];
