#!/usr/bin/env node
// understudy: the fleet's tool, and a front for the two programs.

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { UNDERSTUDY_VERSION } from '../util/version.ts';
import { ExitError, exitCodes } from './exit-codes.ts';
import { act, type CommandOptions, down, status } from './fleet-commands.ts';
import { defaultFleetFolder } from './fleet-folder.ts';
import { runServer } from './server-program.ts';
import { type SimulateCommandOptions, simulateCommand } from './simulate-command.ts';
import { type UpOptions, up } from './up-command.ts';

const MOST_NODES = 32;
const MOST_SEEDS = 1_000_000_000;
const MOST_MINUTES = 1440;
const defaultFolder = defaultFleetFolder(process.env);

const [first, ...rest] = process.argv.slice(2);
// These take the arguments of redis-server, which look like options of ours.
if (first === 'server') await runServer(rest, 'understudy-server');
else if (first === 'sentinel') await runServer(rest, 'understudy-sentinel');
else await runTool();

async function runTool(): Promise<void> {
  const program = tool();
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = complain(error);
  }
}

function complain(error: unknown): number {
  // Commander has said what was wrong, or printed what was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (!(error instanceof ExitError)) throw error;
  process.stderr.write(`understudy: ${error.message}\n`);
  return error.code;
}

function tool(): Command {
  const program = new Command('understudy')
    .description('A Redis-compatible server that stays up: starts a fleet and breaks it.')
    .version(`understudy ${UNDERSTUDY_VERSION}`, '-v, --version')
    .exitOverride()
    .showHelpAfterError('(understudy --help lists the commands)')
    .helpCommand(false);
  addUp(program);
  const command = (name: string, summary: string): Command =>
    program
      .command(name)
      .description(summary)
      .option('--dir <folder>', 'the folder of the fleet', defaultFolder)
      .option('--json', 'for machines', false)
      .exitOverride();
  command('status', 'what each node is and does').action((options: CommandOptions) =>
    status(options),
  );
  command('failover', 'lets the sentinels choose another master').action(
    (options: CommandOptions) => act(options, 'failover', []),
  );
  const breaks = {
    kill: 'ends a node as kill -9 does',
    freeze: 'stops a node in its tracks; it stays connected and silent',
    thaw: 'lets a frozen node go on',
    restart: 'starts a node that is down, or ends and starts one that runs',
  };
  for (const [name, summary] of Object.entries(breaks)) {
    command(`${name} <node>`, summary).action((node: string, options: CommandOptions) =>
      act(options, name, [node]),
    );
  }
  command('cut <node> <other>', 'lets nothing pass between two nodes').action(
    (node: string, other: string, options: CommandOptions) => act(options, 'cut', [node, other]),
  );
  command('slow <node> <other> <ms>', 'makes each direction between two nodes slower').action(
    (node: string, other: string, ms: string, options: CommandOptions) =>
      act(options, 'slow', [node, other, ms]),
  );
  command('heal [node] [other]', 'mends one link, all of a node, or all').action(
    (node: string | undefined, other: string | undefined, options: CommandOptions) =>
      act(
        options,
        'heal',
        [node, other].filter((name) => name !== undefined),
      ),
  );
  command('down', 'ends all nodes in order').action((options: CommandOptions) => down(options));
  addSimulate(program);
  program.command('server').description('runs one server; takes the arguments of redis-server');
  program
    .command('sentinel')
    .description('runs one sentinel; takes the arguments of redis-sentinel');
  program.addHelpText(
    'after',
    "\nA node is 'master', 'replica', a name such as server2 or sentinel1, or a port.",
  );
  return program;
}

function addUp(program: Command): void {
  program
    .command('up')
    .description('starts a master, its replicas and sentinels, and a page that shows them')
    .option('--dir <folder>', 'where data is kept', defaultFolder)
    .addOption(
      new Option('--ephemeral', 'keeps data in a temporary folder and removes it at the end')
        .default(false)
        .conflicts('dir'),
    )
    .option('--replicas <number>', 'how many replicas', countFrom(0), 2)
    .option('--sentinels <number>', 'how many sentinels', countFrom(0), 3)
    .option('--quorum <number>', 'sentinels that must agree; a majority by default', countFrom(1))
    .option('--down-after <ms>', 'silence that makes a node count as down', duration, 1000)
    .option(
      '--port <port>',
      "of the first server; 'auto' takes the first free block",
      portOrAuto,
      6379,
    )
    .option('--sentinel-port <port>', 'of the first sentinel; 20000 above --port by default', port)
    .option('--conf <file>', 'a redis.conf for the servers')
    .option('--server <command>', "another server: 'redis-server', 'valkey-server'")
    .option('--sentinel <command>', "another sentinel: 'redis-sentinel', 'valkey-sentinel'")
    .option('--no-page', 'without the page')
    .option('--page-port <port>', 'of the page; another when it is taken', port, 8379)
    .option('--json', 'for machines: a JSON object a line', false)
    .exitOverride()
    .action(async (options: UpOptions) => {
      if (options.quorum !== undefined && options.quorum > Math.max(1, options.sentinels)) {
        throw new ExitError(exitCodes.usage, '--quorum cannot be more than there are sentinels');
      }
      await up(options);
    });
}

function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('lets fleets suffer on virtual time, one for each seed, and checks what must hold')
    .option('--seeds <number>', 'how many', (text) => whole(text, 1, MOST_SEEDS), 100)
    .option('--seed <number>', 'the first', (text) => whole(text, 0, MOST_SEEDS), 1)
    .option('--minutes <number>', 'virtual ones with faults, of each', minutes, 2)
    .option('--profile <name>', 'what fleets and which faults', 'swarm')
    .option('--transcript <file>', 'for what happened in the failing seed that is told last')
    .option('--digests', "each seed's digest: equal ones went the same way", false)
    .option('--list', 'names the profiles', false)
    .exitOverride()
    .action((options: SimulateCommandOptions) => simulateCommand(options));
}

function minutes(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= MOST_MINUTES) return value;
  throw new InvalidArgumentError(`A number up to ${MOST_MINUTES} is expected.`);
}

function countFrom(least: number): (text: string) => number {
  return (text) => whole(text, least, MOST_NODES);
}

function duration(text: string): number {
  return whole(text, 50, 3_600_000);
}

function port(text: string): number {
  return whole(text, 1, 65_535);
}

function portOrAuto(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : port(text);
}

function whole(text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(`A whole number from ${least} to ${most} is expected.`);
}
