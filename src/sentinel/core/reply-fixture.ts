// Replies as the fakes of the fleet give them.

import type { Reply } from '../../protocol/reply-reader.ts';

export const bulk = (text: string): Reply => ({ kind: 'bulk', bytes: Buffer.from(text, 'latin1') });
export const ok: Reply = { kind: 'simple', text: 'OK' };
