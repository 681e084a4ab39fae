import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileError, type FileHandle, type Files } from '../../env/files.ts';
import type { Log } from '../../env/log.ts';
import type { ApplyStep } from './directive.ts';
import { directives } from './directives.ts';
import { loadConfiguration } from './load-configuration.ts';
import { rewriteConfiguration } from './rewrite-configuration.ts';
import { RunningConfiguration, type StepResult } from './running-configuration.ts';
import { Settings } from './settings.ts';

const silentLog: Log = {
  level: 'notice',
  role: 'M',
  file: '',
  debug: () => {},
  verbose: () => {},
  notice: () => {},
  warning: () => {},
  raw: () => {},
};

/** Whole files in memory; only what CONFIG touches. */
class TestFiles implements Files {
  readonly contents = new Map<string, Buffer>();
  failure: string | undefined;
  synced: string[] = [];

  resolve(base: string, path: string): string {
    return path.startsWith('/') ? path : `${base}/${path}`;
  }
  folderOf(path: string): string {
    return path.slice(0, path.lastIndexOf('/'));
  }
  nameOf(path: string): string {
    return path.slice(path.lastIndexOf('/') + 1);
  }
  open(path: string): FileHandle {
    if (this.failure !== undefined) throw new FileError(this.failure, 'open', path);
    const { contents, synced } = this;
    contents.set(path, Buffer.alloc(0));
    return {
      path,
      write: async (bytes) => {
        contents.set(path, Buffer.from(bytes));
      },
      writeNow: (bytes) => {
        contents.set(path, Buffer.from(bytes));
      },
      read: () => Promise.reject(new Error('unused')),
      readNow: () => 0,
      sync: async () => {
        synced.push(path);
      },
      syncNow: () => {
        synced.push(path);
      },
      truncateNow: () => {},
      sizeNow: () => 0,
      close: () => {},
    };
  }
  readWhole(path: string): Buffer {
    const content = this.contents.get(path);
    if (content === undefined) throw new FileError('ENOENT', 'read', path);
    return content;
  }
  opened(path: string): Promise<FileHandle> {
    return Promise.resolve(this.open(path));
  }
  stat(path: string) {
    const content = this.contents.get(path);
    if (path === '/data') {
      return { sizeBytes: 0, modifiedMs: 0, isFolder: true, isFile: false, mode: 0o755 };
    }
    return content === undefined
      ? undefined
      : { sizeBytes: content.length, modifiedMs: 0, isFolder: false, isFile: true, mode: 0o600 };
  }
  list(): string[] {
    return [];
  }
  rename(from: string, to: string): void {
    this.contents.set(to, this.readWhole(from));
    this.contents.delete(from);
  }
  renamed(from: string, to: string): Promise<void> {
    return Promise.resolve(this.rename(from, to));
  }
  remove(path: string): boolean {
    return this.contents.delete(path);
  }
  discard(path: string): void {
    this.contents.delete(path);
  }
  makeFolder(): boolean {
    return false;
  }
  removeFolder(): void {}
  syncFolder(folder: string): void {
    this.synced.push(folder);
  }

  folderSynced(folder: string): Promise<void> {
    return Promise.resolve(this.syncFolder(folder));
  }
  setPermissions(): void {}
}

class Fixture {
  readonly settings = new Settings();
  readonly files = new TestFiles();
  readonly applied: ApplyStep[] = [];
  readonly answers = new Map<ApplyStep, StepResult>();
  users: readonly string[] | undefined = [];
  loading = false;
  readonly configuration = new RunningConfiguration({
    files: this.files,
    log: silentLog,
    settings: this.settings,
    configFile: '/data/redis.conf',
    isLoading: () => this.loading,
    apply: (step) => {
      this.applied.push(step);
      const answer = this.answers.get(step);
      this.answers.delete(step);
      return answer;
    },
    userLines: () => this.users,
    temporarySuffix: () => '1',
  });

  set(...words: string[]): StepResult {
    const pairs: [string, string][] = [];
    for (let i = 0; i < words.length; i += 2) pairs.push([words[i], words[i + 1]]);
    return this.configuration.set(pairs, true);
  }

  get(...patterns: string[]): Record<string, string> {
    const found = this.configuration.get(patterns.map((p) => Buffer.from(p, 'latin1')));
    return Object.fromEntries(found);
  }
}

test('GET: names, aliases, patterns in any case; hidden ones only by their name', () => {
  const fixture = new Fixture();
  assert.deepEqual(fixture.get('maxmemory'), { maxmemory: '0' });
  assert.deepEqual(fixture.get('MAXMEMORY'), { MAXMEMORY: '0' });
  assert.deepEqual(fixture.get('slave-read-only'), { 'slave-read-only': 'yes' });
  assert.deepEqual(Object.keys(fixture.get('HASH-*-entries')).sort(), [
    'hash-max-listpack-entries',
    'hash-max-ziplist-entries',
  ]);
  assert.deepEqual(fixture.get('key-load-delay'), { 'key-load-delay': '0' });
  assert.deepEqual(fixture.get('key-load-*'), {});
  assert.deepEqual(fixture.get('__proto__', 'nothing', 'port', 'port'), { port: '6379' });
});

test('SET: what is set to what GET * prints stays', () => {
  const fixture = new Fixture();
  fixture.settings.dir = '/data';
  for (const [name, value] of Object.entries(fixture.get('*'))) {
    const directive = directives.find((d) => d.name === name || d.alias === name);
    assert.ok(directive !== undefined);
    if (directive.immutable === true || directive.protected === true) continue;
    assert.equal(fixture.set(name, value), undefined, name);
    assert.equal(fixture.get(name)[name], value);
  }
  assert.deepEqual(fixture.applied, []);
});

test('SET: error texts', () => {
  const fixture = new Fixture();
  const failed = (name: string, why: string): string =>
    `ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`;
  const unknown = (name: string): string =>
    `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`;
  assert.equal(fixture.set('nothing', '1'), unknown('nothing'));
  assert.equal(fixture.set('__proto__', '1'), unknown('__proto__'));
  assert.equal(fixture.set('Databases', '1'), failed('Databases', "can't set immutable config"));
  assert.equal(fixture.set('dir', '/data'), failed('dir', "can't set protected config"));
  assert.equal(fixture.set('port', '1', 'PORT', '2'), failed('PORT', 'duplicate parameter'));
  assert.equal(
    fixture.set('MaxClients', 'x'),
    failed('maxclients', "argument couldn't be parsed into an integer"),
  );
  assert.equal(
    fixture.set('hash-max-ziplist-entries', 'x'),
    failed('hash-max-ziplist-entries', "argument couldn't be parsed into an integer"),
  );
  fixture.loading = true;
  assert.match(String(fixture.set('appendonly', 'yes')), /^LOADING /);
});

test('SET: enable-protected-configs', () => {
  const fixture = new Fixture();
  fixture.settings.enableProtectedConfigs = 'local';
  assert.equal(fixture.set('dir', '/data'), undefined);
  assert.equal(fixture.settings.dir, '/data');
  assert.match(String(fixture.configuration.set([['dir', '/data']], false)), /protected config/);
  assert.match(String(fixture.set('dir', '/none')), /No such file or directory/);
});

test('SET: all or none, each consequence once', () => {
  const fixture = new Fixture();
  assert.equal(fixture.set('maxmemory', '1mb', 'hz', '50', 'maxclients', '7'), undefined);
  assert.deepEqual(fixture.applied, ['maxmemory', 'hz', 'maxclients']);
  assert.match(String(fixture.set('hz', '60', 'save', '1 1', 'port', 'x')), /'port'/);
  assert.equal(fixture.settings.hz, 50);
  assert.equal(fixture.settings.save.length, 3);
});

test('SET: a consequence that fails puts every value back', async () => {
  const fixture = new Fixture();
  fixture.answers.set('maxclients', 'too many');
  assert.equal(
    fixture.set('hz', '50', 'maxclients', '99999'),
    "ERR CONFIG SET failed (possibly related to argument 'maxclients') - too many",
  );
  assert.equal(fixture.settings.hz, 10);
  assert.equal(fixture.settings.maxclients, 10000);
  assert.deepEqual(fixture.applied, ['hz', 'maxclients', 'hz', 'maxclients']);

  fixture.answers.set('listen', Promise.resolve('taken'));
  const answer = fixture.set('port', '80', 'maxclients', '5');
  assert.ok(answer instanceof Promise);
  assert.equal(await answer, "ERR CONFIG SET failed (possibly related to argument 'port') - taken");
  assert.equal(fixture.settings.port, 6379);
  assert.equal(fixture.settings.maxclients, 10000);

  fixture.answers.set('listen', Promise.resolve(undefined));
  assert.equal(await fixture.set('port', '80', 'maxclients', '5'), undefined);
  assert.equal(fixture.settings.port, 80);
  assert.equal(fixture.applied.at(-1), 'maxclients');
});

test('REWRITE keeps comments, order and what it does not know, and drops what is default', () => {
  const settings = new Settings();
  settings.dir = '/data';
  settings.port = 7000;
  settings.save = [{ seconds: 1, changes: 2 }];
  settings.requirepass = 'a"b';
  settings.hashMaxListpackEntries = 5;
  const old = [
    '# head',
    'PORT 6379',
    '',
    'save 900 1',
    'save 300 10',
    'slave-read-only yes',
    'maxclients 10000',
    'include other.conf',
    'unknown thing',
    'bind "x',
    'user old on',
    '# tail',
  ].join('\n');
  assert.equal(
    rewriteConfiguration(old, settings, { users: ['default on nopass ~* &* +@all'] }),
    [
      '# head',
      'port 7000',
      '',
      'save 1 2',
      '',
      'replica-read-only yes',
      'maxclients 10000',
      'include other.conf',
      '# ??? unknown thing',
      '# ??? bind "x',
      'user default on nopass ~* &* +@all',
      '# tail',
      '# Generated by CONFIG REWRITE',
      'dir "/data"',
      'requirepass "a\\"b"',
      'latency-tracking-info-percentiles 50 99 99.9',
      'hash-max-listpack-entries 5',
      '',
    ].join('\n'),
  );
});

test('REWRITE: what was written is read as the same settings, and rewriting again changes nothing', () => {
  const settings = new Settings();
  settings.dir = '/data';
  settings.bind = [];
  settings.save = [];
  settings.maxmemoryClients = -5;
  settings.maxmemory = 3 * 1024 * 1024;
  settings.notifyKeyspaceEvents = 0b111;
  settings.latencyTrackingInfoPercentiles = [];
  settings.unixsocketperm = 0o770;
  settings.shutdownOnSigterm = ['nosave', 'force'];
  settings.replicaof = { host: 'example.org', port: 7 };
  settings.requirepass = '\0\xff \\ "';
  settings.slowlogMaxLen = 2 ** 63;
  const text = rewriteConfiguration('', settings);
  const files = new TestFiles();
  files.contents.set('/data/redis.conf', Buffer.from(text, 'latin1'));
  const loaded = loadConfiguration({
    files,
    workingFolder: '/data',
    configFile: '/data/redis.conf',
  });
  assert.ok('configuration' in loaded, JSON.stringify(loaded));
  assert.deepEqual({ ...loaded.configuration.settings }, { ...settings });
  const again = rewriteConfiguration(text, settings);
  assert.equal(again, `${text}\n`);
  assert.equal(rewriteConfiguration(again, settings), again);
  const everything = rewriteConfiguration(text, settings, { everything: true });
  assert.ok(everything.split('\n').length > 150);
});

test('REWRITE replaces the file durably and reports failures', () => {
  const fixture = new Fixture();
  fixture.files.contents.set('/data/redis.conf', Buffer.from('port 1\n'));
  fixture.users = undefined;
  assert.equal(fixture.configuration.rewrite(), undefined);
  assert.match(fixture.files.readWhole('/data/redis.conf').toString(), /^port 6379\n/);
  assert.equal(fixture.files.contents.size, 1);
  assert.equal(fixture.files.synced.at(-1), '/data');
  fixture.files.failure = 'ENOSPC';
  assert.equal(
    fixture.configuration.rewrite(),
    'ERR Rewriting config file: No space left on device',
  );
});

test('REWRITE in the background: durable, in order of asking, with the same failures', async () => {
  const { configuration, files, settings } = new Fixture();
  files.contents.set('/data/redis.conf', Buffer.from('port 1\n'));
  const first = configuration.rewriteSoon();
  settings.port = 7000;
  const second = configuration.rewriteSoon();
  assert.deepEqual(await Promise.all([first, second]), [undefined, undefined]);
  assert.match(files.readWhole('/data/redis.conf').toString(), /^port 7000\n/);
  assert.equal(files.contents.size, 1);
  assert.equal(files.synced.at(-1), '/data');
  files.failure = 'ENOSPC';
  const error = 'ERR Rewriting config file: No space left on device';
  assert.equal(await configuration.rewriteSoon(), error);
});
