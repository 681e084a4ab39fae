import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileError } from '../../env/files.ts';
import { parseCommandLine } from './command-line.ts';
import { type LoadSources, loadConfiguration } from './load-configuration.ts';
import type { Settings } from './settings.ts';

type TestFiles = LoadSources['files'];

/** Files by absolute path; a folder is whatever a path begins with. */
function filesOf(contents: Readonly<Record<string, string>>): TestFiles {
  const paths = Object.keys(contents);
  const isFolder = (path: string): boolean =>
    path === '/' || paths.some((other) => other.startsWith(`${path}/`));
  return {
    resolve: (base, path) => (path.startsWith('/') ? path : `${base === '/' ? '' : base}/${path}`),
    folderOf: (path) => path.slice(0, path.lastIndexOf('/')) || '/',
    readWhole(path) {
      const text = contents[path];
      if (text === undefined) throw new FileError('ENOENT', 'read', path);
      return Buffer.from(text, 'latin1');
    },
    list: (folder) =>
      [
        ...new Set(
          paths
            .filter((path) => path.startsWith(folder === '/' ? '/' : `${folder}/`))
            .map((path) => path.slice(folder === '/' ? 1 : folder.length + 1).split('/')[0]),
        ),
      ].sort(),
    stat: (path) =>
      isFolder(path) || paths.includes(path)
        ? {
            sizeBytes: 0,
            modifiedMs: 0,
            isFolder: isFolder(path),
            isFile: !isFolder(path),
            mode: 0,
          }
        : undefined,
    open(path) {
      throw new FileError('EACCES', 'open', path);
    },
  };
}

function load(contents: Readonly<Record<string, string>>, changes: Partial<LoadSources> = {}) {
  return loadConfiguration({
    files: filesOf(contents),
    workingFolder: '/srv',
    configFile: '/srv/redis.conf',
    ...changes,
  });
}

function settingsOf(text: string, more: Readonly<Record<string, string>> = {}): Settings {
  const loaded = load({ '/srv/redis.conf': text, ...more });
  assert.ok('configuration' in loaded, 'failure' in loaded ? loaded.failure.text : '');
  return loaded.configuration.settings;
}

/** The reason that a configuration is refused for, without the lines that say where. */
function refusal(text: string, changes: Partial<LoadSources> = {}): string {
  const loaded = load({ '/srv/redis.conf': text }, changes);
  assert.ok('failure' in loaded);
  return loaded.failure.text;
}

/** What `redis-server ARGS` reads, with ARGS as they come from the shell. */
function fromArguments(...args: string[]): Settings | string {
  const line = parseCommandLine('redis-server', args);
  assert.equal(line.kind, 'run');
  if (line.kind !== 'run') return '';
  const loaded = load(
    {},
    { configFile: line.configFile, options: line.options, sentinel: line.sentinel },
  );
  return 'failure' in loaded ? loaded.failure.text : loaded.configuration.settings;
}

function settingsFrom(...args: string[]): Settings {
  const settings = fromArguments(...args);
  assert.ok(typeof settings !== 'string', String(settings));
  return settings;
}

test('comments, blank lines, quotes, any case and repeated directives', () => {
  const settings = settingsOf(`# a comment
  \t
PORT 7000
requirepass "a \\"b\\"\\x00 c"
bind 127.0.0.1 ::1
save 900 1
save 300 10 60 100
hash-max-ziplist-entries 7
loglevel 'verbose'
port 7001\r
lua-replicate-commands yes
`);
  assert.equal(settings.port, 7001);
  assert.equal(settings.requirepass, 'a "b"\0 c');
  assert.deepEqual(settings.bind, ['127.0.0.1', '::1']);
  assert.deepEqual(settings.save, [
    { seconds: 900, changes: 1 },
    { seconds: 300, changes: 10 },
    { seconds: 60, changes: 100 },
  ]);
  assert.equal(settings.hashMaxListpackEntries, 7);
  assert.equal(settings.loglevel, 'verbose');
});

test('save: defaults stay without a line; an empty one clears; one after it adds', () => {
  assert.equal(settingsOf('port 1').save.length, 3);
  assert.deepEqual(settingsOf('save ""').save, []);
  assert.deepEqual(settingsOf('save 1 2\nsave ""\nsave 3 4').save, [{ seconds: 3, changes: 4 }]);
  assert.deepEqual(settingsOf("save '900 1 300 10'").save.length, 2);
});

test('a value below or above the range of hz is met as far as possible', () => {
  assert.equal(settingsOf('hz 0').hz, 1);
  assert.equal(settingsOf('hz 100000').hz, 500);
});

test('dir moves where relative paths start; a missing one is an error', () => {
  const more = { '/srv/data/x': '', '/srv/data/extra.conf': 'port 7' };
  const settings = settingsOf('dir data\ninclude extra.conf', more);
  assert.equal(settings.dir, '/srv/data');
  assert.equal(settings.port, 7);
  assert.match(refusal('dir nowhere'), /No such file or directory\n$/);
});

test('include: plain names must exist, patterns need not, files come in order', () => {
  const more = {
    '/srv/conf.d/b.conf': 'port 2',
    '/srv/conf.d/a.conf': 'port 1\nmaxclients 5\n',
    '/srv/conf.d/.hidden.conf': 'port 3',
  };
  const settings = settingsOf('include conf.d/*.conf\ninclude none/*.conf', more);
  assert.equal(settings.port, 2);
  assert.equal(settings.maxclients, 5);
  assert.equal(
    refusal('include missing.conf'),
    "Fatal error, can't open config file '/srv/missing.conf': No such file or directory",
  );
  assert.match(refusal('include redis.conf'), /Too many nested include directives/);
});

test('a refusal names the line, the text and the reason in the words of redis-server', () => {
  assert.equal(
    refusal('port 1\n\n  maxclients  none  \n'),
    '\n*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\n' +
      'Reading the configuration file, at line 3\n' +
      ">>> 'maxclients  none'\n" +
      "argument couldn't be parsed into an integer\n",
  );
  const reasons: readonly (readonly [string, string])[] = [
    ['nonsense 1', 'Bad directive or wrong number of arguments'],
    ['__proto__ 1', 'Bad directive or wrong number of arguments'],
    ['port', 'wrong number of arguments'],
    ['port 1 2', 'wrong number of arguments'],
    ['port "1', 'Unbalanced quotes in configuration line'],
    ['sentinel monitor m 127.0.0.1 6379 2', 'sentinel directive while not in sentinel mode'],
    ['replicaof 127.0.0.1 abc', 'Invalid master port'],
    ['tls-port 1', 'this server has no TLS'],
    ['loadmodule', 'Bad directive or wrong number of arguments'],
  ];
  for (const [line, reason] of reasons) {
    assert.ok(refusal(line).endsWith(`'\n${reason}\n`), `${line}: ${refusal(line)}`);
  }
});

test('a log file that cannot be opened is refused without naming a line', () => {
  assert.equal(
    refusal('logfile x.log\nport 1'),
    "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\nCan't open the log file: Permission denied\n",
  );
});

test('users and renamed commands go to whoever knows them, and their errors name the line', () => {
  const seen: string[] = [];
  const loaded = load(
    { '/srv/redis.conf': 'user alice on >p ~*\nrename-command FLUSHALL ""' },
    {
      declareUser: (words) => {
        seen.push(words.join(' '));
        return undefined;
      },
      renameCommand: (from, to) => {
        seen.push(`${from}>${to}`);
        return 'No such command in rename-command';
      },
    },
  );
  assert.deepEqual(seen, ['alice on >p ~*', 'FLUSHALL>']);
  assert.ok('failure' in loaded);
  assert.match(loaded.failure.text, /line 2\n>>> 'rename-command FLUSHALL ""'\nNo such command/);
});

test('without a file and without arguments everything is default', () => {
  const loaded = load({}, { configFile: undefined });
  assert.ok('configuration' in loaded);
  assert.equal(loaded.configuration.settings.port, 6379);
  assert.equal(loaded.configuration.configFile, undefined);
});

test('standard input comes after the file, options after both', () => {
  const loaded = load(
    { '/srv/redis.conf': 'port 1\nmaxclients 1\nhz 11\n' },
    { standardInput: 'maxclients 2\nhz 12', options: 'hz 13 ' },
  );
  assert.ok('configuration' in loaded);
  const { port, maxclients, hz } = loaded.configuration.settings;
  assert.deepEqual([port, maxclients, hz], [1, 2, 13]);
});

test('command line: --name value, one word for both, several values, bare words', () => {
  assert.equal(settingsFrom('--port', '6380').port, 6380);
  assert.equal(settingsFrom('--port 6380').port, 6380);
  assert.deepEqual(settingsFrom('--bind', '127.0.0.1', '::1', '--port', '1').bind, [
    '127.0.0.1',
    '::1',
  ]);
  assert.deepEqual(settingsFrom('--save', '900 1').save, [{ seconds: 900, changes: 1 }]);
  assert.equal(settingsFrom('--requirepass', '', '--port', '2').port, 2);
  assert.equal(settingsFrom('--proc-title-template', '{title}  x').procTitleTemplate, '{title}  x');
});

test('command line: --save without a value means no save points', () => {
  assert.deepEqual(settingsFrom('--save').save, []);
  assert.deepEqual(settingsFrom('--save', '').save, []);
  assert.deepEqual(settingsFrom('--save', '--port', '3').save, []);
  assert.equal(settingsFrom('--save', '--port', '3').port, 3);
});

test('command line: wrong ones are refused as redis-server refuses them', () => {
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['--port'], /'port'\nwrong number of arguments/],
    [['--port', '6379', '6380'], /'port "6379" "6380"'\nwrong number of arguments/],
    [['--port', '--bla'], /'port "--bla"'\nargument couldn't be parsed into an integer/],
    [['--loglevel', '--bla'], /'loglevel "--bla"'\nargument\(s\) must be one of the following/],
    [['--replicaof', '127.0.0.1', 'abc'], /'replicaof "127.0.0.1" "abc"'\nInvalid master port/],
    [['--nonsense', '1'], /Bad directive or wrong number of arguments/],
  ];
  for (const [args, text] of refused) {
    const answer = fromArguments(...args);
    assert.ok(typeof answer === 'string');
    assert.match(answer, text);
  }
});

test('command line: what is not run', () => {
  const kindOf = (...args: string[]): string => parseCommandLine('redis-server', args).kind;
  assert.equal(kindOf('-v'), 'version');
  assert.equal(kindOf('--version'), 'version');
  assert.equal(kindOf('-h'), 'help');
  assert.equal(kindOf('--help', 'x'), 'help');
  assert.equal(kindOf('--test-memory', '16'), 'testMemory');
  assert.equal(kindOf('--check-system'), 'checkSystem');
});

test('command line: file, standard input and sentinel mode', () => {
  const run = (name: string, ...args: string[]) => {
    const line = parseCommandLine(name, args);
    assert.ok(line.kind === 'run');
    return line;
  };
  assert.equal(run('redis-server').options, undefined);
  assert.equal(run('redis-server', 'a.conf').configFile, 'a.conf');
  assert.equal(run('redis-server', 'a.conf', '-').readStandardInput, true);
  assert.equal(run('redis-server', '-').readStandardInput, true);
  assert.equal(run('redis-server', '-').configFile, undefined);
  assert.equal(run('redis-server', 'a.conf', '--sentinel').sentinel, true);
  assert.equal(run('redis-sentinel', 'a.conf').sentinel, true);
  assert.equal(run('redis-server', '--port', '-', '--hz', '1').readStandardInput, false);
});
