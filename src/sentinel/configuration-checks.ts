// The checks of a sentinel's configuration that its commands are needed for.

import {
  type ConfigurationChecks,
  configurationChecks as checksOf,
} from '../dispatch/configuration-checks.ts';
import { sentinelCommands } from './commands/sentinel-commands.ts';

export function configurationChecks(): ConfigurationChecks {
  return checksOf([sentinelCommands]);
}
