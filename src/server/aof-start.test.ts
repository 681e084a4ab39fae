// What a node makes of the append-only files that it finds: every form, torn ends, damage, old files; and
// where its history stands afterwards.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedDisk } from '../env/simulated/simulated-files.ts';
import { NodeBench, type TestClient } from './node-fixture.ts';

const LINES = 'appendonly yes\nsave ""\nauto-aof-rewrite-percentage 0\n';
const INCREMENT = '/appendonlydir/appendonly.aof.1.incr.aof';
const MANIFEST = '/appendonlydir/appendonly.aof.manifest';
const ONE = 'file appendonly.aof.1.incr.aof seq 1 type i\n';

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** A node that has not started, on a disk with these files. */
function found(files: Readonly<Record<string, string | Buffer>>, lines = LINES): NodeBench {
  const bench = new NodeBench(lines);
  const disk = bench.environment.files;
  disk.makeFolder('/appendonlydir');
  for (const [path, content] of Object.entries(files)) {
    const handle = disk.open(path, 'write');
    handle.writeNow(typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
    handle.syncNow();
    handle.close();
  }
  return bench;
}

async function serving(bench: NodeBench): Promise<TestClient> {
  assert.equal(await bench.start(), true, bench.environment.log.texts.join('\n'));
  return bench.connect();
}

/** The log of a start that must not succeed. */
async function refused(bench: NodeBench): Promise<readonly string[]> {
  assert.equal(await bench.start(), false);
  return bench.environment.log.texts;
}

const SET = command('SET', 'a', '1');

test('times in the file, and commands that choose by chance, as Redis 6 wrote them', async () => {
  const text = `#TS:1628217470\r\n${SET}${command('SADD', 's', 'x', 'y')}${command('SPOP', 's')}#TS:1628217471\r\n`;
  const client = await serving(found({ [MANIFEST]: ONE, [INCREMENT]: text }));
  assert.equal(await client.ask('GET', 'a'), '$1\r\n1\r\n');
  assert.equal(await client.ask('SCARD', 's'), ':1\r\n');
});

test('nothing expires while commands are run: they belong to the time when they were written', async () => {
  const text =
    command('SET', 'a', '5', 'PXAT', '1000') +
    command('INCR', 'a') +
    command('RPUSH', 'l', 'x') +
    command('PEXPIREAT', 'l', '1000') +
    command('RPUSH', 'l', 'y');
  const client = await serving(found({ [MANIFEST]: ONE, [INCREMENT]: text }));
  assert.equal(await client.ask('EXISTS', 'a', 'l'), ':0\r\n');
});

test('an end that is torn, at every byte of the last 4 KiB, leaves all that is whole', async () => {
  const bench = found({});
  let text = '';
  const ends = [0];
  for (let n = 1; text.length < 9000; n++) {
    text +=
      n % 3 === 0
        ? command('MULTI') + command('INCR', 'n') + command('SET', 't', `${n}`) + command('EXEC')
        : n % 7 === 0
          ? `#TS:${n}\r\n${command('INCR', 'n')}`
          : command('INCR', 'n');
    ends.push(text.length);
  }
  const { aof, engine } = bench.node.parts;
  const { files, log } = bench.environment;
  const write = (path: string, content: string): void => {
    const handle = files.open(path, 'write');
    handle.writeNow(Buffer.from(content, 'latin1'));
    handle.close();
  };
  const count = (): number => {
    const key = Buffer.from('n');
    const db = engine.databases[0];
    const ref = db.lookupRaw(key, 0, 1);
    if (ref === 0) return 0;
    const start = db.valueStart(ref);
    return Number(db.page(ref).toString('latin1', start, start + db.valueLength(ref)));
  };
  write(MANIFEST, ONE);
  for (let cut = text.length - 4096; cut <= text.length; cut++) {
    const whole = ends.findLastIndex((end) => end <= cut);
    bench.node.parts.settings.aofLoadTruncated = false;
    write(INCREMENT, text.slice(0, cut));
    const isWhole =
      ends[whole] === cut || text.slice(ends[whole], cut).match(/^#TS:\d+\r\n$/) !== null;
    const before = log.texts.length;
    assert.equal(aof.reload(), isWhole, `cut at ${cut}`);
    if (isWhole) continue;
    const good = text.slice(0, cut).match(/#TS:\d+\r\n$/) ? cut : ends[whole];
    const tail = text.slice(ends[whole], cut).match(/^#TS:\d+\r\n/);
    const offset = tail === null ? good : ends[whole] + tail[0].length;
    const said = log.texts.slice(before).join('\n');
    assert.match(said, new RegExp(`all before offset ${offset} is in order`));
    bench.node.parts.settings.aofLoadTruncated = true;
    assert.equal(aof.reload(), true);
    assert.equal(count(), whole, `cut at ${cut}`);
    assert.equal(files.stat(INCREMENT)?.sizeBytes, offset);
  }
});

test('a manifest that is torn, at every byte of its last 4 KiB, is refused or missed lines are named', () => {
  const bench = found({});
  const { files, log } = bench.environment;
  const names = Array.from({ length: 110 }, (_, i) => `appendonly.aof.${i + 1}.incr.aof`);
  const text = names.map((name, i) => `file ${name} seq ${i + 1} type i\n`).join('');
  assert.ok(text.length > 4096);
  const write = (path: string, content: string): void => {
    const handle = files.open(path, 'write');
    handle.writeNow(Buffer.from(content, 'latin1'));
    handle.close();
  };
  for (const name of names) write(`/appendonlydir/${name}`, SET);
  const { aof } = bench.node.parts;
  for (let cut = text.length - 4096; cut <= text.length; cut++) {
    write(MANIFEST, text.slice(0, cut));
    const before = log.texts.length;
    const isLoaded = aof.reload();
    const said = log.texts.slice(before).join('\n');
    if (text[cut - 1] !== '\n') {
      assert.equal(isLoaded, false, `cut at ${cut}`);
      assert.match(said, /Reading the manifest file, at line \d+/);
    } else if (cut < text.length) assert.match(said, /is not in the manifest .* and is not loaded/);
  }
});

test('damage in the middle is refused with file, place and the words of Redis, last', async () => {
  for (const [text, place, last] of [
    [
      `${SET}!!!${SET}`,
      `offset ${SET.length}`,
      /^Bad file format reading the append only file appendonly\.aof\.1\.incr\.aof: make a backup/,
    ],
    [
      `${SET}${command('BLA', 'x')}${SET}`,
      `offset ${SET.length}`,
      /^Unknown command 'BLA' reading the append only file/,
    ],
    [
      `${SET}${command('SET', 'x')}${SET}`,
      `offset ${SET.length}`,
      /^Wrong number of arguments for command 'set' reading/,
    ],
  ] as const) {
    const texts = await refused(found({ [MANIFEST]: ONE, [INCREMENT]: text }));
    assert.match(texts.at(-1) ?? '', last);
    assert.match(texts.at(-2) ?? '', new RegExp(place));
  }
});

test('a file that is missing, or torn before the last one, ends the start', async () => {
  const two = `${ONE}file appendonly.aof.2.incr.aof seq 2 type i\n`;
  const second = '/appendonlydir/appendonly.aof.2.incr.aof';
  const missing = await refused(found({ [MANIFEST]: two, [INCREMENT]: SET }));
  assert.match(missing.join('\n'), /appendonly\.aof\.2\.incr\.aof .*No such file or directory/);
  const torn = await refused(
    found({ [MANIFEST]: two, [INCREMENT]: SET.slice(0, -1), [second]: SET }),
  );
  assert.match(torn.join('\n'), /the truncated file is not the last file/);
});

test('an old file becomes the base, also when a crash came in between', async () => {
  for (const manifest of [undefined, 'file appendonly.aof seq 1 type b\n']) {
    const bench = found({
      '/appendonly.aof': SET,
      ...(manifest === undefined ? {} : { [MANIFEST]: manifest }),
    });
    const client = await serving(bench);
    assert.equal(await client.ask('GET', 'a'), '$1\r\n1\r\n');
    assert.equal(
      bench.environment.files.readWhole(MANIFEST).toString(),
      'file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    assert.equal(bench.environment.files.stat('/appendonly.aof'), undefined);
  }
});

test('a file that is left of an unfinished rewrite is named, and not written on', async () => {
  const stale = '/appendonlydir/appendonly.aof.1.incr.aof';
  const base = '/appendonlydir/appendonly.aof.1.base.aof';
  const bench = found({
    [MANIFEST]: 'file appendonly.aof.1.base.aof seq 1 type b\n',
    [base]: SET,
    [stale]: command('SET', 'a', 'stale'),
  });
  const client = await serving(bench);
  assert.equal(await client.ask('GET', 'a'), '$1\r\n1\r\n');
  assert.match(
    bench.environment.log.texts.join('\n'),
    /1\.incr\.aof \(\d+ bytes\) is not in the manifest/,
  );
  assert.equal(bench.environment.files.stat(stale)?.sizeBytes, 0);
});

test('clients are told to wait while the file is loaded', async () => {
  const text = Array.from({ length: 30_000 }, (_, i) => command('SET', `k${i}`, 'v')).join('');
  const bench = found({ [MANIFEST]: ONE, [INCREMENT]: text }, `${LINES}key-load-delay 50`);
  const start = bench.node.start();
  await bench.world.time.until(() => (bench.node.parts.aof.loading?.loadedBytes ?? 0) > 0);
  const client = bench.connect();
  assert.match(await client.askAlone('GET', 'k1'), /^-LOADING /);
  const info = await client.askAlone('INFO', 'persistence');
  assert.match(info, /loading:1\r\n/);
  assert.match(info, new RegExp(`loading_total_bytes:${text.length}\r\n`));
  assert.equal(await bench.world.time.complete(start), true);
  assert.equal(await client.ask('DBSIZE'), ':30000\r\n');
});

test('a restart knows where the history stood, unless the file goes on behind it', async () => {
  const id = 'ab'.repeat(20);
  const noted = `#RH:${id}:500:0\r\n${SET}#RO:531:3\r\n`;
  const facts = async (text: string) => {
    const bench = found({ [MANIFEST]: ONE, [INCREMENT]: text });
    await serving(bench);
    return bench.node.parts.aof.loadedFacts;
  };
  assert.deepEqual(await facts(noted), { id, offset: 531, streamDb: 3 });
  assert.deepEqual(await facts(`${noted}#TS:5\r\n${command('MULTI')}${SET}`), {
    id,
    offset: 531,
    streamDb: 3,
  });
  assert.equal(await facts(noted + SET), undefined);
  assert.equal(await facts(`#RO:531:3\r\n${SET}`), undefined);
});

test('what a node writes of its history is what the next one finds', async () => {
  const bench = found({});
  const client = await serving(bench);
  const { replication } = bench.node.parts;
  replication.master.openBacklog();
  await client.ask('SET', 'a', '1');
  await client.ask('SELECT', '2');
  await client.ask('SET', 'a', '2');
  const { id, offset } = replication;
  assert.ok(offset > 0);
  const { disk } = bench.environment.files;
  bench.environment.kill();
  const next = new NodeBench(LINES, disk instanceof SimulatedDisk ? disk : undefined);
  await serving(next);
  assert.deepEqual(next.node.parts.aof.loadedFacts, { id, offset, streamDb: 2 });
  assert.equal(next.node.parts.replication.history.secondId, id);
});
