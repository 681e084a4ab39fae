// MEMORY DOCTOR: what stands out in the memory figures, in sentences.

import type { MemoryReport } from '../context.ts';

const SMALL_BYTES = 5 * 1024 * 1024;
const NOTABLE_BYTES = 10 * 1024 * 1024;
const CLIENT_BYTES = 200 * 1024;

/** The whole text, lines ended. */
export function memoryAdvice(report: MemoryReport): string {
  if (report.used < SMALL_BYTES) {
    return 'This server holds very little: there is nothing to be said about its memory yet.\n';
  }
  const findings: string[] = [];
  if (report.peak > report.used * 1.5) {
    findings.push(
      'Peak memory: it once used more than one and a half times what it uses now. Pages that are not ' +
        'quite empty are kept for new data.',
    );
  }
  if (report.resident > report.used * 1.4 && report.resident - report.used > NOTABLE_BYTES) {
    findings.push(
      'Resident memory: the process holds more than 1.4 times what its data take. After a peak this ' +
        "is normal; otherwise JavaScript's heap has grown, mostly through large replies or requests.",
    );
  }
  const spare = report.allocatorActive - report.allocatorAllocated;
  if (report.allocatorActive > report.allocatorAllocated * 1.1 && spare > NOTABLE_BYTES) {
    findings.push(
      'Spare room: pages of the arena are held that are not full. New data will use them.',
    );
  }
  if (report.clients > 0 && report.clientsNormal / report.clients > CLIENT_BYTES) {
    findings.push(
      'Client buffers: clients take more than 200 KiB each on average. CLIENT LIST shows which ones; ' +
        'often they read their replies too slowly.',
    );
  }
  if (findings.length === 0) return 'Nothing stands out in the memory figures.\n';
  return `These things stand out:\n\n${findings.map((text) => ` * ${text}\n\n`).join('')}`;
}
