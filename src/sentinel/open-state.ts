// What must be right before a sentinel may start: its lines can be read and its state can be written. A
// sentinel that forgets a vote may vote twice, so one without a place for its state refuses to run.

import type { Environment } from '../env/environment.ts';
import { FileError } from '../env/files.ts';
import { REDIS_VERSION } from '../util/version.ts';
import { fingerprint, type LoadedState, loadState } from './load-state.ts';
import type { SentinelConfiguration } from './sentinel-settings.ts';
import {
  ConfigFileStore,
  forgetfulStore,
  StateFolderStore,
  type StateStore,
} from './state-store.ts';

export interface OpenedState extends LoadedState {
  readonly store: StateStore;
  /** What `user` lines the store writes; the sentinel puts its access list here. */
  userLines: () => readonly string[] | undefined;
}

/** As the server's configuration failures: text for standard error, or a warning for the log. */
export interface StartFailure {
  readonly kind: 'stderr' | 'log';
  readonly text: string;
}

export function openState(
  environment: Environment,
  configuration: SentinelConfiguration,
): OpenedState | { readonly failure: StartFailure } {
  const { files, random } = environment;
  const { configFile, stateFolder, sentinelLines, settings } = configuration;
  const loaded = loadState({
    files,
    lines: sentinelLines,
    stateFolder,
    port: settings.port,
    requirePass: settings.requirepass,
    isExecutable: (path) => isExecutable(environment, settings.dir, path),
  });
  if ('error' in loaded) return { failure: fatal(loaded.error, loaded.at.line, loaded.at.text) };
  const options = { files, temporarySuffix: () => random.hex(8) };
  const userLines: OpenedState['userLines'] = () => undefined;
  const opened = { ...loaded, userLines };
  if (stateFolder !== undefined) {
    const users = (): readonly string[] => (opened.userLines() ?? []).map((one) => `user ${one}`);
    const store = new StateFolderStore(stateFolder, fingerprint(sentinelLines), users, options);
    const problem = store.obstacle();
    if (problem !== undefined) return refuse(`state folder ${stateFolder}`, problem);
    return Object.assign(opened, { store });
  }
  if (configuration.isForgetful === true) return Object.assign(opened, { store: forgetfulStore });
  if (configFile === undefined) {
    const text = 'Sentinel needs config file on disk to save state. Exiting...';
    return { failure: { kind: 'log', text } };
  }
  const rewrite = (old: string): string => configuration.rewrite(old, opened.userLines());
  const store = new ConfigFileStore(configFile, rewrite, options);
  const problem = store.obstacle();
  if (problem !== undefined) return refuse(`config file ${configFile}`, problem);
  return Object.assign(opened, { store });
}

/** The path as configured, relative to the folder that the sentinel runs in. */
export function isExecutable({ files }: Environment, folder: string, path: string): boolean {
  try {
    const facts = files.stat(files.resolve(folder, Buffer.from(path, 'latin1').toString('utf8')));
    return facts?.isFile === true && (facts.mode & 0o111) !== 0;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

function refuse(what: string, problem: string): { readonly failure: StartFailure } {
  return {
    failure: { kind: 'log', text: `Sentinel ${what} is not writable: ${problem}. Exiting...` },
  };
}

function fatal(error: string, line: number, text: string): StartFailure {
  return {
    kind: 'stderr',
    text: `\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\nReading the configuration file, at line ${line}\n>>> '${text}'\n${error}\n`,
  };
}
