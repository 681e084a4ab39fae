// LATENCY: reads the latency monitor and the histograms a command. What is an event, and when it
// counts, is decided where it is measured.

import type { CommandEntry } from '../../dispatch/command-table.ts';
import type { LatencyEvent, LatencySample } from '../../dispatch/latency-monitor.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand } from '../context.ts';
import { helpCommand } from './help.ts';
import { latencyReport } from './latency-report.ts';
import { sparkline } from './sparkline.ts';

const common = {
  group: 'server',
  flags: ['admin', 'noscript', 'loading', 'stale'],
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
} as const;

const doctor: DataCommand = {
  ...common,
  name: 'doctor',
  summary: 'Returns a report on latency for people.',
  since: '2.8.13',
  complexity: 'O(1)',
  arity: 2,
  run(session, _request, reply) {
    const { config } = session.server;
    const nowSeconds = Math.floor(session.server.nowMs() / 1000);
    const { events } = session.dispatcher.latency;
    reply.verbatim('txt', latencyReport([...events.values()], nowSeconds, config));
  },
};

const graph: DataCommand = {
  ...common,
  name: 'graph',
  summary: 'Returns a graph of an event in letters.',
  since: '2.8.13',
  complexity: 'O(1)',
  arity: 3,
  syntax: 'event',
  run(session, request, reply) {
    const event = session.dispatcher.latency.events.get(request.text(2));
    if (event === undefined) return reply.error(errors.latencyNoSamples(request.text(2)));
    reply.verbatim('txt', eventGraph(event, Math.floor(session.server.nowMs() / 1000)));
  },
};

const GRAPH_COLUMNS = 80;

function eventGraph(event: LatencyEvent, nowSeconds: number): string {
  const values = event.samples.map((sample) => sample.ms);
  const labels = event.samples.map((sample) => agoText(nowSeconds - sample.time));
  const high = Math.max(...values);
  const low = Math.min(...values);
  const head = `${event.name} - high ${high} ms, low ${low} ms (all time high ${event.maxMs} ms)`;
  return `${head}\n${'-'.repeat(GRAPH_COLUMNS)}\n${sparkline(values, labels, GRAPH_COLUMNS)}`;
}

function agoText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

const histogram: DataCommand = {
  ...common,
  name: 'histogram',
  summary: 'Returns the cumulative distribution of the latencies of some or all commands.',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of commands with latency information being retrieved.',
  arity: -2,
  syntax: '[command...]',
  run(session, request, reply) {
    const commands = session.dispatcher.commands;
    const entries = request.count === 2 ? [...commands.all()] : namedEntries(commands, request);
    const measured = entries.filter((entry) => entry.latency !== undefined);
    reply.map(measured.length);
    for (const entry of measured) replyHistogram(entry, reply);
  },
};

/** The commands named from argument 2 on, each container with its subcommands; unknown names are skipped. */
function namedEntries(
  commands: { byFullName(name: string): CommandEntry | undefined },
  request: Request,
): CommandEntry[] {
  const entries: CommandEntry[] = [];
  for (let i = 2; i < request.count; i++) {
    const entry = commands.byFullName(request.text(i));
    if (entry === undefined) continue;
    entries.push(entry, ...(entry.subcommands?.values() ?? []));
  }
  return entries;
}

function replyHistogram(entry: CommandEntry, reply: ReplyWriter): void {
  const latency = entry.latency;
  if (latency === undefined) return;
  reply.text(entry.fullName);
  reply.map(2);
  reply.text('calls');
  reply.integer(latency.total);
  reply.text('histogram_usec');
  const rows = latency.cumulative();
  reply.map(rows.length);
  for (const [us, calls] of rows) {
    reply.integer(us);
    reply.integer(calls);
  }
}

const history: DataCommand = {
  ...common,
  name: 'history',
  summary: 'Returns the samples of an event, oldest first.',
  since: '2.8.13',
  complexity: 'O(1)',
  arity: 3,
  syntax: 'event',
  run(session, request, reply) {
    const samples: readonly LatencySample[] =
      session.dispatcher.latency.events.get(request.text(2))?.samples ?? [];
    reply.array(samples.length);
    for (const { time, ms } of samples) {
      reply.array(2);
      reply.integer(time);
      reply.integer(ms);
    }
  },
};

const latest: DataCommand = {
  ...common,
  name: 'latest',
  summary: 'Returns the latest sample of every event.',
  since: '2.8.13',
  complexity: 'O(1)',
  arity: 2,
  run(session, _request, reply) {
    const { events } = session.dispatcher.latency;
    reply.array(events.size);
    for (const event of events.values()) {
      const last = event.samples[event.samples.length - 1];
      reply.array(4);
      reply.text(event.name);
      reply.integer(last.time);
      reply.integer(last.ms);
      reply.integer(event.maxMs);
    }
  },
};

const reset: DataCommand = {
  ...common,
  name: 'reset',
  summary: 'Forgets the samples of some or all events and returns how many events that were.',
  since: '2.8.13',
  complexity: 'O(1)',
  arity: -2,
  syntax: '[event...]',
  tips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
  run(session, request, reply) {
    const names: string[] = [];
    for (let i = 2; i < request.count; i++) names.push(request.text(i));
    reply.integer(session.dispatcher.latency.reset(names.length === 0 ? undefined : names));
  },
};

export const latency: DataCommand = {
  name: 'latency',
  summary: 'A container for latency diagnostics commands.',
  since: '2.8.13',
  group: 'server',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    doctor,
    graph,
    helpCommand('2.8.13', [
      'DOCTOR',
      '    A report on latency for people.',
      'GRAPH <event>',
      '    The samples of an event as a graph in letters.',
      'HISTORY <event>',
      '    The samples of an event: seconds since 1970 and milliseconds.',
      'LATEST',
      '    The latest sample of every event, and its highest ever.',
      'RESET [<event> ...]',
      '    Forget the samples of these events, or of all.',
      'HISTOGRAM [COMMAND ...]',
      '    How many calls took at most how many microseconds, for these commands or for all.',
    ]),
    histogram,
    history,
    latest,
    reset,
  ],
};
