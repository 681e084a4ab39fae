// Files that are on a simulated disk before any process runs.

import { type SimulatedDisk, SimulatedFiles } from '../env/simulated/simulated-files.ts';
import { SimulatedTime } from '../env/simulated/simulated-time.ts';

/** Puts a file there, durably. */
export function putFile(disk: SimulatedDisk, path: string, text: string): void {
  const files = new SimulatedFiles(new SimulatedTime(), disk);
  const file = files.open(path, 'write');
  file.writeNow(Buffer.from(text, 'utf8'));
  file.syncNow();
  file.close();
  files.syncFolder(files.folderOf(path));
}
