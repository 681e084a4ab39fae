// What a directive sets in motion when CONFIG SET changes it. Parts that read their settings live
// (most of them) have no step here.

import type { Session } from '../dispatch/session.ts';
import type { Engine } from '../engine/engine.ts';
import type { Environment } from '../env/environment.ts';
import type { Clients } from '../net/clients.ts';
import type { Listeners } from '../net/listeners.ts';
import type { AppendOnlyFile } from '../persistence/append-only-file.ts';
import type { Background } from './background.ts';
import type { ApplyStep } from './config/directive.ts';
import { clampHz } from './config/load-configuration.ts';
import type { StepResult } from './config/running-configuration.ts';
import type { Settings } from './config/settings.ts';
import type { MemoryLimit } from './memory-limit.ts';
import type { NodeDispatcher } from './node-dispatcher.ts';
import type { NodeReplication } from './replication/node-replication.ts';

export interface ApplyTargets {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly engine: Engine;
  readonly dispatcher: NodeDispatcher;
  readonly clients: Clients<Session>;
  readonly listeners: Listeners;
  readonly background: Background;
  readonly memoryLimit: MemoryLimit;
  readonly replication: NodeReplication;
  updateTitle(): void;
  applyPersistence(): void;
  readonly aof: AppendOnlyFile;
  memory(): { readonly used: number };
}

/** Descriptors that the process needs besides its clients'. */
const RESERVED_DESCRIPTORS = 32;

export function applyStep(targets: ApplyTargets, step: ApplyStep): StepResult {
  const { settings, environment, dispatcher } = targets;
  switch (step) {
    case 'listen':
      return rebind(targets, 'Unable to listen on this port. Check server logs.');
    case 'bind':
      return rebind(targets, 'Failed to bind to specified addresses.');
    case 'maxclients':
      return checkMaxclients(targets);
    case 'maxmemory':
      applyMaxmemory(targets);
      return undefined;
    case 'maxmemoryPolicy':
      // The access clock changes its meaning between LRU and LFU with the next command, not the next ms.
      targets.engine.access.tick(targets.engine.wallMs);
      return undefined;
    case 'maxmemoryClients':
      targets.clients.limitMemory();
      return undefined;
    case 'hz':
      settings.hz = clampHz(settings.hz);
      targets.background.start();
      return undefined;
    case 'requirepass':
      dispatcher.acl.setDefaultPassword(
        settings.requirepass === '' ? undefined : settings.requirepass,
      );
      return undefined;
    case 'loglevel':
      environment.log.level = settings.loglevel;
      return undefined;
    case 'persistence':
      targets.applyPersistence();
      return undefined;
    case 'appendonly':
      return applyAppendonly(targets);
    case 'aofHistory':
      targets.aof.collectHistory();
      return undefined;
    case 'replication':
      targets.replication.applySettings();
      return undefined;
    case 'procTitle':
      targets.updateTitle();
      return undefined;
    case 'keyspaceEvents':
      targets.engine.interest = 1;
      return undefined;
  }
}

function applyAppendonly({ aof, settings, dispatcher }: ApplyTargets): string | undefined {
  if (settings.appendonly === aof.isOn) return undefined;
  if (!settings.appendonly) aof.turnOff();
  else if (!aof.turnOn(dispatcher.depth > 1)) return 'Unable to turn on AOF. Check server logs.';
  return undefined;
}

async function rebind(targets: ApplyTargets, failure: string): Promise<string | undefined> {
  const { bind, port } = targets.settings;
  if (!(await targets.listeners.rebind({ bind, port }))) return failure;
  targets.updateTitle();
  return undefined;
}

function checkMaxclients({ environment, settings }: ApplyTargets): string | undefined {
  const most = environment.host.openFilesLimit() - RESERVED_DESCRIPTORS;
  if (settings.maxclients <= most) return undefined;
  return `The operating system is not able to handle the specified number of clients, try with ${most}`;
}

function applyMaxmemory(targets: ApplyTargets): void {
  const { settings, environment, memoryLimit } = targets;
  const limit = settings.maxmemory;
  // A replica leaves its master to decide what goes, unless it is told otherwise.
  targets.replication.applySettings();
  if (limit === 0) return;
  const { used } = targets.memory();
  if (limit < used) {
    environment.log.warning(
      `WARNING: the new maxmemory value set via CONFIG SET (${limit}) is smaller than the current memory usage (${used}). This will result in key eviction and/or the inability to accept new write commands depending on the maxmemory-policy.`,
    );
  }
  // Not at once: the client that lowered the limit shall not wait for it.
  environment.timers.after(0, () => memoryLimit.makeRoom());
}
