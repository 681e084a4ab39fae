// MODULE: there are no modules. LIST says so, and what would load one fails as for a file that is not
// a module.

import { errors } from '../../protocol/errors.ts';
import type { DataCommand } from '../context.ts';
import { helpCommand } from './help.ts';

const list: DataCommand = {
  name: 'list',
  summary: 'Returns the loaded modules: none.',
  since: '4.0.0',
  group: 'server',
  complexity: 'O(N) where N is the number of loaded modules.',
  arity: 2,
  flags: ['admin', 'noscript'],
  tips: ['nondeterministic_output_order'],
  run(_session, _request, reply) {
    reply.array(0);
  },
};

const loading = {
  group: 'server',
  complexity: 'O(1)',
  flags: ['no_async_loading', 'admin', 'noscript', 'protected'],
} as const;

const load: DataCommand = {
  ...loading,
  name: 'load',
  summary: 'Refuses to load a module.',
  since: '4.0.0',
  arity: -3,
  syntax: 'path [arg...]',
  run(session, request, reply) {
    refuse(session.server.host.log, request.text(2));
    reply.error(errors.moduleLoad);
  },
};

const loadex: DataCommand = {
  ...loading,
  name: 'loadex',
  summary: 'Refuses to load a module with settings.',
  since: '7.0.0',
  arity: -3,
  syntax: 'path configs=[CONFIG (name value)]... [ARGS args...]',
  run(session, request, reply) {
    refuse(session.server.host.log, request.text(2));
    reply.error(errors.moduleLoad);
  },
};

const unload: DataCommand = {
  ...loading,
  name: 'unload',
  summary: 'Unloads a module: there is none.',
  since: '4.0.0',
  arity: 3,
  syntax: 'name',
  run(_session, _request, reply) {
    reply.error(errors.moduleUnload);
  },
};

function refuse(log: (level: 'warning', text: string) => void, path: string): void {
  log('warning', `Module ${path} failed to load: this server has no modules`);
}

export const module: DataCommand = {
  name: 'module',
  summary: 'A container for module commands.',
  since: '4.0.0',
  group: 'server',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    helpCommand('5.0.0', [
      'LIST',
      '    The loaded modules: there are none.',
      'LOAD <path> [<arg> ...]',
      '    Fails: native modules cannot be loaded.',
      'LOADEX <path> [[CONFIG NAME VALUE]...] [ARGS ...]',
      '    Fails likewise.',
      'UNLOAD <name>',
      '    Fails likewise.',
    ]),
    list,
    load,
    loadex,
    unload,
  ],
};
