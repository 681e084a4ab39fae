import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { type AofCheckOptions, checkAof } from './check-aof.ts';

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

const SET = command('SET', 'foo', 'hello');
const FOLDER = '/appendonlydir';
const MANIFEST = `${FOLDER}/a.manifest`;
const TWO = 'file base seq 1 type b\nfile incr seq 1 type i\n';

/** Checks `path` on a disk with these files; what was printed, the code, and what a file holds then. */
function bench(contents: Readonly<Record<string, string>>) {
  const { files, clock } = new SimulatedWorld(1).start();
  files.makeFolder(FOLDER);
  for (const [path, content] of Object.entries(contents)) {
    const handle = files.open(path, 'write');
    handle.writeNow(Buffer.from(content, 'latin1'));
    handle.close();
  }
  const check = (
    path: string,
    options: Partial<AofCheckOptions> = {},
  ): { readonly code: number; readonly text: string } => {
    let text = '';
    const code = checkAof({
      ...{ files, clock, path, fix: false, toTimestamp: undefined, confirm: () => true },
      ...options,
      print: (piece) => {
        text += piece;
      },
    });
    return { code, text };
  };
  return { check, read: (path: string) => files.readWhole(path).toString('latin1') };
}

test('whole files of every form are valid', () => {
  const rdb = `REDIS0010\xff${'\0'.repeat(8)}`;
  const { check } = bench({
    [MANIFEST]: TWO,
    [`${FOLDER}/base`]: rdb,
    [`${FOLDER}/incr`]: `#TS:5\r\n${SET}${command('MULTI')}${SET}${command('EXEC')}`,
    '/old.aof': `${rdb}${SET}`,
    '/plain.aof': SET,
  });
  assert.match(
    check(MANIFEST).text,
    /^Start checking Multi Part AOF\nStart to check BASE AOF \(RDB format\)\.\n[\s\S]*RDB preamble is OK, proceeding with AOF tail\.\.\.\n[\s\S]*BASE AOF base is valid\nStart to check INCR files\.\n[\s\S]*INCR AOF incr is valid\nAll AOF files and manifest are valid\n$/,
  );
  assert.equal(check(MANIFEST).code, 0);
  assert.match(check('/old.aof').text, /Start checking Old-Style AOF[\s\S]*is valid\n$/);
  assert.match(check('/plain.aof').text, /ok_up_to=33, ok_up_to_line=8, diff=0\n/);
});

test('a torn or damaged end is named, and cut off when somebody says yes', () => {
  for (const tail of ['!!!', SET.slice(0, -1), command('MULTI') + SET, command('EXEC')]) {
    const { check, read } = bench({ '/plain.aof': SET + tail });
    const first = check('/plain.aof');
    assert.equal(first.code, 1);
    assert.match(first.text, /ok_up_to=33.*\nAOF \/plain\.aof is not valid\. Use the --fix option/);
    assert.equal(check('/plain.aof', { fix: true, confirm: () => false }).code, 1);
    const fixed = check('/plain.aof', { fix: true });
    assert.equal(fixed.code, 0);
    assert.match(fixed.text, /Continue\? \[y\/N\]: Successfully truncated AOF/);
    assert.equal(read('/plain.aof'), SET);
  }
});

test('only the last file may be cut', () => {
  const files = { [MANIFEST]: TWO, [`${FOLDER}/base`]: `${SET}!`, [`${FOLDER}/incr`]: SET };
  const { code, text } = bench(files).check(MANIFEST, { fix: true });
  assert.equal(code, 1);
  assert.match(text, /Failed to truncate AOF base because it is not the last file\n$/);
});

test('what was written after a moment is cut off', () => {
  const text = `#TS:10\r\n${SET}#TS:20\r\n${SET}#TS:30\r\n${SET}`;
  const { check, read } = bench({ '/plain.aof': text });
  assert.match(check('/plain.aof', { toTimestamp: 30 }).text, /Truncate nothing in AOF/);
  const cut = check('/plain.aof', { toTimestamp: 15 });
  assert.equal(cut.code, 0);
  assert.match(cut.text, /Successfully truncated AOF \/plain\.aof to timestamp 15\n$/);
  assert.equal(read('/plain.aof'), `#TS:10\r\n${SET}`);
  const none = check('/plain.aof', { toTimestamp: 5 });
  assert.equal(none.code, 1);
  assert.match(none.text, /has nothing before timestamp 5, aborting\.\.\.\n$/);
});

test('a file or a manifest that cannot be read', () => {
  const { check } = bench({ [MANIFEST]: 'file x seq 1 type q\n' });
  assert.match(check('/none').text, /^Cannot open file \/none: No such file or directory/);
  const { code, text } = check(MANIFEST);
  assert.equal(code, 1);
  assert.match(text, /FATAL AOF MANIFEST FILE ERROR[\s\S]*Unknown AOF file type\n$/);
});
