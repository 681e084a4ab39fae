// DEBUG: looks behind the keyspace and switches for tests. One command with words of its own rather
// than a container, as in Redis: COMMAND INFO shows no subcommands. What enable-debug-command allows
// is checked before the command runs.

import { ANY_DATABASE } from '../../dispatch/propagation.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import { Request } from '../../protocol/request.ts';
import { globMatches } from '../../util/glob.ts';
import { parseMemorySize } from '../../util/memory-size.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { helpReply } from '../shared/help-reply.ts';
import {
  debugListpack,
  debugObject,
  debugQuicklist,
  debugSdslen,
  debugTable,
  debugTableOfKey,
} from './debug-object.ts';
import { debugPopulate } from './debug-populate.ts';
import { replySample } from './debug-protocol.ts';
import { digestOfAll, digestOfValue } from './digest.ts';

interface DebugWord {
  /** Arguments with DEBUG and the word. */
  readonly least: number;
  readonly most: number;
  readonly run: (session: DataSession, request: Request, reply: ReplyWriter) => void;
}

const ANY = Number.POSITIVE_INFINITY;

function word(least: number, most: number, run: DebugWord['run']): DebugWord {
  return { least, most, run };
}

/** A word with one argument that sets something from C's atoi. */
function setter(set: (session: DataSession, value: number) => void): DebugWord {
  return word(3, 3, (session, request, reply) => {
    set(session, Number.parseInt(request.text(2), 10) || 0);
    reply.ok();
  });
}

function crash(reason: string): DebugWord {
  return word(2, ANY, (session) => session.server.host.crash(reason));
}

const words: ReadonlyMap<string, DebugWord> = new Map([
  ['aof-flush-sleep', setter((session, us) => sleepBeforeFlush(session, us))],
  ['assert', crash('DEBUG ASSERT')],
  ['change-repl-id', word(2, 2, changeReplicationId)],
  ['config-rewrite-force-all', word(2, 2, rewriteEverything)],
  ['crash-and-recover', word(2, ANY, refuseRestart)],
  ['digest', word(2, 2, replyDigest)],
  ['digest-value', word(2, ANY, replyValueDigests)],
  ['error', word(3, 3, (_session, request, reply) => reply.error(request.text(2)))],
  ['help', word(2, 2, (_session, request, reply) => helpReply(request, reply, HELP))],
  ['htstats', word(3, ANY, debugTable)],
  ['htstats-key', word(3, ANY, debugTableOfKey)],
  ['leak', word(3, 3, (_session, _request, reply) => reply.ok())],
  ['listpack', word(3, 3, debugListpack)],
  ['loadaof', word(2, 2, loadAof)],
  ['log', word(3, 3, writeLog)],
  ['object', word(3, 3, debugObject)],
  ['oom', crash('DEBUG OOM')],
  ['panic', crash('DEBUG PANIC')],
  ['pause-cron', setter((session, value) => pauseCron(session, value !== 0))],
  ['populate', word(3, 5, debugPopulate)],
  ['protocol', word(3, 3, (_session, request, reply) => replySample(request.text(2), reply))],
  ['quicklist', word(3, 4, debugQuicklist)],
  ['quicklist-packed-threshold', word(3, 3, setPackedThreshold)],
  ['reload', word(2, ANY, reload)],
  ['replicate', word(3, ANY, replicate)],
  ['replybuffer', word(4, 4, setReplyBuffer)],
  ['restart', word(2, ANY, refuseRestart)],
  ['sdslen', word(3, 3, debugSdslen)],
  ['segfault', crash('DEBUG SEGFAULT')],
  ['set-active-expire', setter((session, value) => setActiveExpire(session, value !== 0))],
  ['set-skip-checksum-validation', setter((session, value) => skipChecksums(session, value !== 0))],
  ['set-disable-deny-scripts', setter((session, value) => allowScripts(session, value !== 0))],
  ['sleep', word(3, 3, sleep)],
  ['stringmatch-test', word(2, 2, testPatterns)],
  ['structsize', word(2, 2, (_session, _request, reply) => reply.text('bits:64 '))],
]);

const HELP: readonly string[] = [
  'AOF-FLUSH-SLEEP <microseconds>',
  '    Stop the process for so long before each write to the append-only file.',
  'ASSERT | PANIC | OOM | SEGFAULT',
  '    End the process with a bug report in the log.',
  'CHANGE-REPL-ID',
  '    Give the history of this server a new id.',
  'CONFIG-REWRITE-FORCE-ALL',
  '    Like CONFIG REWRITE, with the directives that have their default values.',
  'DIGEST',
  '    A signature of all data.',
  'DIGEST-VALUE <key> [<key> ...]',
  '    A signature of each value.',
  'ERROR <string>',
  '    Reply with this error.',
  'HTSTATS <dbid>',
  '    Figures of the table of a database.',
  'HTSTATS-KEY <key>',
  '    Figures of the table behind a large hash, set or sorted set.',
  'LISTPACK <key>',
  '    Write the bytes of a packed value to the log.',
  'LOADAOF',
  '    Write what waits, empty all databases and load the append-only file.',
  'LOG <message>',
  '    Write the message to the log.',
  'OBJECT <key>',
  '    How a value is kept.',
  'PAUSE-CRON <0|1>',
  '    Stop or resume the background work.',
  'POPULATE <count> [<prefix>] [<size>]',
  '    Create string keys <prefix>:<number> where there are none.',
  'PROTOCOL <type>',
  '    Reply with a sample of the type: string, integer, double, bignum, null, array, set, map,',
  '    attrib, push, verbatim, true, false.',
  'QUICKLIST <key>',
  '    Write the figures of a large list to the log.',
  'QUICKLIST-PACKED-THRESHOLD <size>',
  '    List elements of this size get a node of their own; 0 means the default.',
  'RELOAD [MERGE] [NOFLUSH] [NOSAVE]',
  '    Save the data, empty all databases and load the file; or leave out a part of that.',
  'REPLICATE <string>',
  '    Sends the command to replicas and runs it nowhere else, so that data differ.',
  'REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|milliseconds>',
  '    How often the peak of a reply buffer is forgotten.',
  'REPLYBUFFER RESIZING <0|1>',
  '    Whether reply buffers change their size.',
  'SDSLEN <key>',
  '    The lengths of a key and its string.',
  'SET-ACTIVE-EXPIRE <0|1>',
  '    Whether keys expire that nobody asks for.',
  'SET-DISABLE-DENY-SCRIPTS <0|1>',
  '    Whether scripts may call commands that are denied to them.',
  'SET-SKIP-CHECKSUM-VALIDATION <0|1>',
  '    Whether RESTORE takes payloads with wrong checksums.',
  'SLEEP <seconds>',
  '    Stop the process for this time; decimals are allowed.',
  'STRINGMATCH-TEST',
  '    Try random patterns on random texts.',
];

export const debug: DataCommand = {
  name: 'debug',
  system: true,
  summary: 'A container for debugging commands.',
  since: '1.0.0',
  group: 'server',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale', 'protected'],
  run(session, request, reply) {
    const name = request.text(1);
    const found = words.get(name.toLowerCase());
    if (found === undefined || request.count < found.least || request.count > found.most) {
      reply.error(errors.unknownSubcommandOrArity(name, 'DEBUG'));
      return;
    }
    found.run(session, request, reply);
  },
};

function changeReplicationId(session: DataSession, _request: Request, reply: ReplyWriter): void {
  const { host } = session.server;
  host.log('notice', 'Changing replication IDs after receiving DEBUG change-repl-id');
  host.replication.changeId();
  reply.ok();
}

function rewriteEverything(session: DataSession, _request: Request, reply: ReplyWriter): void {
  const error = session.server.config.rewrite(true);
  if (error === undefined) reply.ok();
  else reply.error(errors.debugRewriteFailed(error.replace(/^ERR /, '')));
}

function refuseRestart(_session: DataSession, _request: Request, reply: ReplyWriter): void {
  reply.error(errors.debugRestart);
}

function replyDigest(session: DataSession, _request: Request, reply: ReplyWriter): void {
  reply.simple(digestOfAll(session.server.engine.databases).toString());
}

function replyValueDigests(session: DataSession, request: Request, reply: ReplyWriter): void {
  const { db } = session;
  reply.array(request.count - 2);
  for (let i = 2; i < request.count; i++) {
    const ref = db.lookupRaw(request.buffer, request.starts[i], request.ends[i]);
    reply.simple(digestOfValue(db, ref).toString());
  }
}

function writeLog(session: DataSession, request: Request, reply: ReplyWriter): void {
  session.server.host.log('warning', `DEBUG LOG: ${request.text(2)}`);
  reply.ok();
}

function pauseCron(session: DataSession, paused: boolean): void {
  session.server.host.debug.cronPaused = paused;
}

function setActiveExpire(session: DataSession, on: boolean): void {
  session.server.host.debug.activeExpire = on;
}

function skipChecksums(session: DataSession, on: boolean): void {
  session.server.host.debug.skipChecksums = on;
}

function allowScripts(session: DataSession, on: boolean): void {
  session.server.host.debug.scriptsMayCallAll = on;
}

/** As near to 4 GiB as Redis lets it come. */
const MAX_PACKED_THRESHOLD = 2 ** 32 - 2 ** 20;

function setPackedThreshold(session: DataSession, request: Request, reply: ReplyWriter): void {
  const size = parseMemorySize(request.text(2));
  if (size === undefined || size > MAX_PACKED_THRESHOLD) {
    reply.error(errors.debugPackedThreshold);
    return;
  }
  session.server.engine.settings.listPackedThreshold = size === 0 ? undefined : size;
  reply.ok();
}

function reload(session: DataSession, request: Request, reply: ReplyWriter): void {
  const options = { save: true, flush: true, merge: false };
  for (let i = 2; i < request.count; i++) {
    if (request.is(i, 'MERGE')) options.merge = true;
    else if (request.is(i, 'NOFLUSH')) options.flush = false;
    else if (request.is(i, 'NOSAVE')) options.save = false;
    else {
      reply.error(errors.debugReloadOption);
      return;
    }
  }
  const { engine, host } = session.server;
  if (options.flush) {
    for (const db of engine.databases) session.dispatcher.watches.touchDatabase(db.index);
  }
  const failed = host.persistence.reload(options);
  if (failed !== undefined) {
    reply.error(failed === 'save' ? errors.debugReloadSave : errors.debugReloadLoad);
    return;
  }
  host.log('warning', 'DB reloaded by DEBUG RELOAD');
  reply.ok();
}

function loadAof(session: DataSession, _request: Request, reply: ReplyWriter): void {
  const { engine, host } = session.server;
  for (const db of engine.databases) session.dispatcher.watches.touchDatabase(db.index);
  if (host.aof.reload()) reply.ok();
  else reply.error(errors.debugLoadAof);
}

function sleepBeforeFlush(session: DataSession, us: number): void {
  session.server.host.debug.aofFlushSleepUs = us;
}

const DEFAULT_PEAK_RESET_MS = 5000;

/** The rest of the request is a command for replicas alone. */
function replicate(session: DataSession, request: Request, reply: ReplyWriter): void {
  const args = Array.from({ length: request.count - 2 }, (_, i) => request.bytes(i + 2));
  session.dispatcher.propagation.request(ANY_DATABASE, Request.of(args), true);
  reply.ok();
}

function setReplyBuffer(session: DataSession, request: Request, reply: ReplyWriter): void {
  const switches = session.server.host.debug;
  if (request.is(2, 'RESIZING')) {
    switches.replyBufferResizing = request.integer(3) !== 0;
  } else if (!request.is(2, 'PEAK-RESET-TIME')) {
    reply.error(errors.unknownSubcommandOrArity(request.text(1), 'DEBUG'));
    return;
  } else if (request.is(3, 'NEVER')) {
    switches.replyBufferPeakResetMs = -1;
  } else if (request.is(3, 'RESET')) {
    switches.replyBufferPeakResetMs = DEFAULT_PEAK_RESET_MS;
  } else {
    const ms = request.integer(3);
    if (Number.isNaN(ms)) {
      reply.error(errors.notInteger);
      return;
    }
    switches.replyBufferPeakResetMs = ms;
  }
  reply.ok();
}

function sleep(session: DataSession, request: Request, reply: ReplyWriter): void {
  const seconds = Number.parseFloat(request.text(2));
  if (seconds > 0) session.server.host.sleep(seconds);
  reply.ok();
}

const PATTERN_TRIES = 1000;

/** Only that it ends, and throws nothing, is of interest. */
function testPatterns(session: DataSession, _request: Request, reply: ReplyWriter): void {
  const { random } = session.server;
  const letters = Buffer.from('*?[]^-\\ab', 'latin1');
  const draw = (length: number): Buffer =>
    Buffer.from(Array.from({ length }, () => letters[random.below(letters.length)]));
  for (let i = 0; i < PATTERN_TRIES; i++)
    globMatches(draw(random.below(32)), draw(random.below(64)));
  reply.simple('Apparently Redis did not crash: test passed');
}
