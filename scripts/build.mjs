// npm run build

import { ensureBuilt } from './setup.mjs';

ensureBuilt();
