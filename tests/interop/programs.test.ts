// The programs as processes: what goes in as arguments, files and signals, and what can be seen from
// outside.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { projectRoot } from '../support/project.ts';

const programOf = (name: string): string => join(projectRoot, 'build', 'src', 'cli', `${name}.js`);
const serverProgram = programOf('understudy-server');
const folder = mkdtempSync(join(tmpdir(), 'understudy-'));
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function until(condition: () => boolean, what: () => string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, what());
    await new Promise((resume) => setImmediate(resume));
  }
}

class Running {
  readonly child: ChildProcess;
  readonly port: number;
  output = '';
  code: number | null | undefined;

  constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
    running.add(child);
    const read = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      this.code = code;
      running.delete(child);
    });
  }

  async end(): Promise<number | null | undefined> {
    await until(
      () => this.code !== undefined,
      () => this.output,
    );
    return this.code;
  }

  sees(pattern: RegExp): Promise<void> {
    return until(
      () => pattern.test(this.output),
      () => `${pattern} not in ${this.output}`,
    );
  }

  /** Sends an inline command; the answer up to when the server closes or has said `size` bytes. */
  ask(command: string, size = 1): Promise<string> {
    const socket = createConnection({ host: '127.0.0.1', port: this.port });
    let answer = '';
    return new Promise((fulfil) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        answer += chunk.toString();
        if (answer.length >= size) socket.destroy();
      });
      socket.once('close', () => fulfil(answer));
      socket.write(`${command}\r\n`);
    });
  }
}

/** A server that listens; `args` come before the port. */
async function start(args: readonly string[] = [], input?: string): Promise<Running> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      serverProgram,
      ...args,
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      ...(input === undefined ? [] : ['-']),
    ],
    { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  child.stdin?.end(input ?? '');
  const server = new Running(child, port);
  await server.sees(/Ready to accept connections tcp/);
  return server;
}

function run(
  program: string,
  ...args: string[]
): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    input: '',
  });
  return { status, out: stdout.toString(), err: stderr.toString() };
}

test('--version and --help', () => {
  const version = run(serverProgram, '--version');
  assert.equal(version.status, 0);
  assert.match(
    version.out,
    /^Redis server v=7\.2\.4 sha=00000000:0 malloc=node-\S+ bits=64 build=understudy-\S+\n$/,
  );
  assert.equal(run(serverProgram, '-v').out, version.out);
  const help = run(serverProgram, '--help');
  assert.equal(help.status, 1);
  assert.match(
    help.err,
    /^Usage: understudy-server \[\/path\/to\/redis\.conf\] \[options\] \[-\]\n/,
  );
  const tool = run(programOf('understudy'), '--version');
  assert.equal(tool.status, 0);
  assert.match(tool.out, /^understudy \d+\.\d+\.\d+\n$/);
  assert.equal(run(programOf('understudy'), '--help').status, 0);
  assert.equal(run(programOf('understudy'), 'dance').status, 2);
  assert.match(run(programOf('understudy'), 'server', '--version').out, /^Redis server v=/);
});

test('a sentinel without a file for its state does not start', () => {
  for (const { status, out } of [
    run(programOf('understudy-sentinel')),
    run(serverProgram, '--sentinel'),
  ]) {
    assert.equal(status, 1);
    assert.match(out, /# Sentinel needs config file on disk to save state\. Exiting\.\.\.\n$/);
  }
});

test('a bad configuration is fatal, in the words of redis-server', () => {
  const bad = run(serverProgram, '--port', 'abc');
  assert.equal(bad.status, 1);
  assert.match(bad.err, /\*\*\* FATAL CONFIG FILE ERROR \(Redis 7\.2\.4\) \*\*\*/);
  assert.match(bad.err, />>> 'port "abc"'\nargument couldn't be parsed into an integer/);
  const missing = run(serverProgram, '/no/such.conf');
  assert.equal(missing.status, 1);
  assert.match(
    missing.out,
    /# Fatal error, can't open config file '\/no\/such\.conf': No such file/,
  );
});

test('the log begins and ends as that of redis-server', async () => {
  const pidfile = join(folder, 'server.pid');
  const socket = join(folder, 'server.sock');
  const server = await start(
    ['--always-show-logo', 'yes', '--pidfile', pidfile, '--unixsocket', socket],
    'loglevel verbose\n',
  );
  await server.sees(/Ready to accept connections unix/);
  assert.equal(readFileSync(pidfile, 'utf8'), `${server.child.pid}\n`);
  assert.equal(existsSync(socket), true);
  assert.equal(await server.ask('PING', 7), '+PONG\r\n');
  server.child.kill('SIGHUP');
  server.child.kill('SIGUSR1');
  assert.equal(await server.ask('PING', 7), '+PONG\r\n');
  server.child.kill('SIGTERM');
  assert.equal(await server.end(), 0);
  const order = [
    / starting oO0OoO0OoO0Oo\n/,
    /Redis version=7\.2\.4, bits=64, commit=00000000, modified=0, pid=\d+, just started/,
    /Configuration loaded/,
    new RegExp(`Port: ${server.port}\n`),
    new RegExp(` PID: ${server.child.pid}\n`),
    /Server initialized/,
    /Ready to accept connections tcp/,
    /Ready to accept connections unix/,
    /Received SIGTERM scheduling shutdown\.\.\./,
    /User requested shutdown\.\.\./,
    /Removing the pid file\./,
    /Redis is now ready to exit, bye bye\.\.\./,
  ];
  let at = 0;
  for (const pattern of order) {
    const found = pattern.exec(server.output.slice(at));
    assert.ok(found !== null, `${pattern} in order in ${server.output}`);
    at += found.index + found[0].length;
  }
  assert.doesNotMatch(server.output, /Debugger listening/);
  assert.equal(existsSync(pidfile), false);
  assert.equal(existsSync(socket), false);
});

test('SIGINT and SHUTDOWN end it with code 0', async () => {
  const first = await start();
  assert.match(first.output, new RegExp(`Running mode=standalone, port=${first.port}`));
  first.child.kill('SIGINT');
  assert.equal(await first.end(), 0);
  const second = await start();
  assert.equal(await second.ask('SHUTDOWN NOSAVE'), '');
  assert.equal(await second.end(), 0);
});

test('a port in use ends the start with code 1', async () => {
  const server = await start();
  const second = run(serverProgram, '--port', String(server.port), '--bind', '127.0.0.1');
  assert.equal(second.status, 1);
  assert.match(second.out, /127\.0\.0\.1:\d+: bind: Address already in use/);
  assert.match(second.out, /Failed listening on port \d+ \(tcp\), aborting\./);
  server.child.kill('SIGTERM');
  await server.end();
});

test('a broken invariant leaves a bug report and code 1', async () => {
  const server = await start(['--enable-debug-command', 'yes']);
  await server.ask('DEBUG PANIC');
  assert.equal(await server.end(), 1);
  assert.match(server.output, /=== REDIS BUG REPORT START/);
  assert.match(server.output, /------ STACK TRACE ------/);
  assert.match(server.output, /understudy_version:/);
  assert.match(server.output, /=== REDIS BUG REPORT END/);
});

test('a log file is appended to; its name starts at dir', async () => {
  const log = join(folder, 'appended.log');
  writeFileSync(log, '### before\n');
  const port = await freePort();
  const args = ['--dir', folder, '--logfile', 'appended.log', '--port', String(port)];
  const child = spawn(process.execPath, [serverProgram, ...args], { cwd: '/', stdio: 'ignore' });
  const server = new Running(child, port);
  const written = (): string => readFileSync(log, 'utf8');
  await until(() => /Ready to accept connections tcp|Failed listening/.test(written()), written);
  assert.match(written(), /^### before\n\d+:C .* starting /);
  child.kill('SIGTERM');
  await server.end();
});

test('daemonize: the starter leaves with code 0, the server stays', async () => {
  const port = await freePort();
  const pidfile = join(folder, 'daemon.pid');
  const log = join(folder, 'daemon.log');
  const config = `port ${port}\nbind 127.0.0.1\ndaemonize yes\npidfile ${pidfile}\nlogfile ${log}\n`;
  const { status } = spawnSync(process.execPath, [serverProgram, '-'], {
    cwd: folder,
    input: config,
  });
  assert.equal(status, 0);
  const written = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  await until(() => /Ready to accept connections tcp/.test(written()), written);
  const pid = Number(readFileSync(pidfile, 'utf8'));
  process.kill(pid, 'SIGTERM');
  await until(() => /bye bye/.test(written()), written);
  await until(
    () => !existsSync(pidfile),
    () => 'the pid file stays',
  );
});
