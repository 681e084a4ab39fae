import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SetContext } from './directive.ts';
import { directives, directivesByName, findDirective } from './directives.ts';
import { Settings } from './settings.ts';

function context(): SetContext {
  return {
    fromFile: false,
    saveSeen: false,
    enterDirectory: (path) => ({ path }),
    warn: () => {},
  };
}

/** Sets as CONFIG SET does; the error text, or what CONFIG GET then answers. */
function setAndGet(name: string, value: string, settings = new Settings()): string {
  const directive = findDirective(name);
  assert.ok(directive !== undefined, name);
  const args =
    directive.multipleArguments === true ? (value === '' ? [] : value.split(' ')) : [value];
  const outcome = directive.set(settings, args, context());
  return typeof outcome === 'object' ? `! ${outcome.error}` : directive.get(settings);
}

test('every directive takes the value it prints, and no field is without a directive', () => {
  const settings = new Settings();
  for (const directive of directives) {
    if (directive.name === 'replicaof') continue;
    const printed = directive.get(settings);
    assert.equal(setAndGet(directive.name, printed), printed, directive.name);
  }
  const fields = directives.map((directive) => directive.field).sort();
  assert.deepEqual(fields, Object.keys(settings).sort());
  for (const { name, field } of directives) {
    const camel = name.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase());
    assert.equal(camel, field);
  }
});

test('a line written back for a default is read as that default', () => {
  const settings = new Settings();
  for (const directive of directives) {
    for (const line of directive.rewrite(settings)) {
      assert.equal(line.text.split(' ')[0], directive.name);
      const alwaysWritten = ['save', 'dir', 'latency-tracking-info-percentiles'];
      assert.equal(line.force, alwaysWritten.includes(directive.name), line.text);
    }
  }
});

test('names are found in any case and by alias; names of object properties are not names', () => {
  assert.equal(findDirective('MaxMemory')?.name, 'maxmemory');
  assert.equal(findDirective('slave-read-only')?.name, 'replica-read-only');
  assert.equal(findDirective('lua-time-limit')?.name, 'busy-reply-threshold');
  for (const name of ['__proto__', 'constructor', 'toString', '']) {
    assert.equal(findDirective(name), undefined);
  }
  assert.equal(directivesByName.size, directives.length + directives.filter((d) => d.alias).length);
});

const cases: readonly (readonly [name: string, value: string, answer: string])[] = [
  ['appendonly', 'YES', 'yes'],
  ['appendonly', '1', "! argument must be 'yes' or 'no'"],
  ['port', '6380', '6380'],
  ['port', '65536', '! argument must be between 0 and 65535 inclusive'],
  ['port', '-1', '! argument must be between 0 and 65535 inclusive'],
  ['port', '+1', "! argument couldn't be parsed into an integer"],
  ['port', '08', "! argument couldn't be parsed into an integer"],
  ['port', '', "! argument couldn't be parsed into an integer"],
  ['port', '99999999999999999999', "! argument couldn't be parsed into an integer"],
  ['slowlog-max-len', '9223372036854775807', '9223372036854775807'],
  [
    'slowlog-log-slower-than',
    '-2',
    '! argument must be between -1 and 9223372036854775807 inclusive',
  ],
  ['list-max-listpack-size', '-2147483648', '-2147483648'],
  [
    'list-max-listpack-size',
    '-2147483649',
    '! argument must be between -2147483648 and 2147483647 inclusive',
  ],
  ['maxclients', '0', '! argument must be between 1 and 4294967295 inclusive'],
  ['maxmemory', '10mb', '10485760'],
  ['maxmemory', '1G', '1000000000'],
  ['maxmemory', '1GB', '1073741824'],
  ['maxmemory', 'mb', '0'],
  ['maxmemory', '-1', '! argument must be a memory value'],
  ['maxmemory', '1tb', '! argument must be a memory value'],
  ['maxmemory', '18446744073709551615', '18446744073709551615'],
  ['maxmemory', '18446744073709551616', '18446744073709551615'],
  [
    'proto-max-bulk-len',
    '1kb',
    '! argument must be between 1048576 and 9223372036854775807 inclusive',
  ],
  ['maxmemory-clients', '5%', '5%'],
  ['maxmemory-clients', '0%', '0'],
  ['maxmemory-clients', '101%', '! percentage argument must be less or equal to 100'],
  ['maxmemory-clients', '%', '! argument must be a memory or percent value'],
  ['maxmemory-clients', '100kb', '102400'],
  ['unixsocketperm', '700', '700'],
  ['unixsocketperm', '1000', '! argument must be between 0 and 777 inclusive'],
  ['unixsocketperm', '8', "! argument couldn't be parsed as an octal number"],
  ['loglevel', 'Debug', 'debug'],
  [
    'loglevel',
    'loud',
    '! argument(s) must be one of the following: debug, verbose, notice, warning, nothing',
  ],
  ['oom-score-adj', 'relative', 'yes'],
  ['oom-score-adj', 'x', '! argument(s) must be one of the following: no, yes, relative, absolute'],
  ['shutdown-on-sigterm', 'force nosave', 'nosave force'],
  ['shutdown-on-sigterm', 'default', 'default'],
  [
    'shutdown-on-sigterm',
    '',
    '! argument(s) must be one of the following: default, save, nosave, now, force',
  ],
  [
    'shutdown-on-sigint',
    'save nosave',
    "! shutdown options SAVE and NOSAVE can't be used simultaneously",
  ],
  ['dbfilename', 'a/b', "! dbfilename can't be a path, just a filename"],
  ['appenddirname', '', "! appenddirname can't be empty"],
  [
    'activedefrag',
    'yes',
    '! Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc like the one shipped by default with the Redis source distribution',
  ],
  ['tls-port', '6380', '! this server has no TLS'],
  ['cluster-enabled', 'yes', '! this server has no cluster mode'],
  [
    'proc-title-template',
    '{title} {nonsense}',
    '! template format is invalid or contains unknown variables',
  ],
  ['proc-title-template', 'x {port}', 'x {port}'],
  ['save', '', ''],
  ['save', '900 1 300 10', '900 1 300 10'],
  ['save', '900', '! Invalid save parameters'],
  ['save', '0 1', '! Invalid save parameters'],
  ['save', '900 -1', '! Invalid save parameters'],
  ['save', '900  1', '! Invalid save parameters'],
  [
    'client-output-buffer-limit',
    'slave 1mb 2mb 60',
    'normal 0 0 0 slave 1048576 2097152 60 pubsub 33554432 8388608 60',
  ],
  [
    'client-output-buffer-limit',
    'replica 1 2 3 normal 4 5 6',
    'normal 4 5 6 slave 1 2 3 pubsub 33554432 8388608 60',
  ],
  [
    'client-output-buffer-limit',
    'normal 1 2',
    '! Wrong number of arguments in buffer limit configuration.',
  ],
  [
    'client-output-buffer-limit',
    'master 1 2 3',
    '! Invalid client class specified in buffer limit configuration.',
  ],
  [
    'client-output-buffer-limit',
    'normal 1 2 -3',
    '! Error in hard, soft or soft_seconds setting in buffer limit configuration.',
  ],
  ['oom-score-adj-values', '1 2 3', '1 2 3'],
  ['oom-score-adj-values', '1 2', '! wrong number of arguments'],
  [
    'oom-score-adj-values',
    '1 2 2001',
    '! Invalid oom-score-adj-values, elements must be between -2000 and 2000.',
  ],
  ['notify-keyspace-events', 'KEA', 'AKE'],
  ['notify-keyspace-events', 'KEAn', 'AKE'],
  ['notify-keyspace-events', 'Kgxn$', 'g$xnK'],
  ['notify-keyspace-events', 'mE', 'Em'],
  ['notify-keyspace-events', 'q', "! Invalid event class character. Use 'Ag$lshzxeKEtmdn'."],
  ['latency-tracking-info-percentiles', '50 99.0 99.99', '50 99 99.99'],
  ['latency-tracking-info-percentiles', '', ''],
  [
    'latency-tracking-info-percentiles',
    'a',
    '! Invalid latency-tracking-info-percentiles parameters',
  ],
  [
    'latency-tracking-info-percentiles',
    '101',
    '! latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
  ],
  ['bind', '127.0.0.1 ::1', '127.0.0.1 ::1'],
  ['bind', '', ''],
  ['bind', 'a b c d e f g h i j k l m n o p q', '! Too many bind addresses specified.'],
  ['replicaof', '127.0.0.1 6379', '127.0.0.1 6379'],
  ['replicaof', 'no one', ''],
  ['replicaof', '127.0.0.1 abc', '! Invalid master port'],
];

for (const [name, value, answer] of cases) {
  test(`CONFIG SET ${name} '${value}' answers ${answer}`, () => {
    assert.equal(setAndGet(name, value), answer);
  });
}

test('a refused value leaves the old one', () => {
  const settings = new Settings();
  settings.notifyKeyspaceEvents = 7;
  assert.match(setAndGet('notify-keyspace-events', 'q', settings), /^!/);
  assert.equal(settings.notifyKeyspaceEvents, 7);
});
