import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AofManifest, emptyManifest, parseManifest } from './aof-manifest.ts';

function parsed(text: string): AofManifest {
  const manifest = parseManifest(Buffer.from(text, 'latin1'));
  assert.ok(manifest instanceof AofManifest, JSON.stringify(manifest));
  return manifest;
}

test('what is written is read back, names with anything in them too', () => {
  for (const name of ['appendonly.aof', ' a b', 'x"y', 'tab\t', 'é\xff', "it's", '#x']) {
    let manifest = emptyManifest.withBase(emptyManifest.nextBaseName(name, 'rdb'), 0);
    manifest = manifest.withIncrement(name).withIncrement(name);
    manifest = manifest.withBase(manifest.nextBaseName(name, 'aof'), 1);
    const again = parsed(manifest.text());
    assert.deepEqual({ ...again }, { ...manifest });
  }
});

test('comments, further words and gaps in the sequence are taken', () => {
  const manifest = parsed(
    '#comment\nFILE a.1.base.rdb SEQ 1 TYPE b newkey newvalue\nfile i1 seq 3 type i\n file "i 2"  seq 9 type i \n',
  );
  assert.deepEqual(
    manifest.parts.map(({ name }) => name),
    ['a.1.base.rdb', 'i1', 'i 2'],
  );
  assert.equal(manifest.incrementSequence, 9);
});

test('damage is named in the words of Redis, with the line', () => {
  const good = 'file a seq 1 type b\n';
  for (const [text, reason, line] of [
    ['', 'Found an empty AOF manifest', 0],
    [`${good}\n`, 'Invalid AOF manifest file format', 2],
    ['filx a seq 1 type b\n', 'Invalid AOF manifest file format', 1],
    ['file a type i\n', 'Invalid AOF manifest file format', 1],
    ['file a seq 1 type i odd\n', 'Invalid AOF manifest file format', 1],
    ['file "a seq 1 type i\n', 'Invalid AOF manifest file format', 1],
    ['file a seq 0 type i\n', 'Invalid AOF manifest file format', 1],
    ['file ../a seq 1 type i\n', "File can't be a path, just a filename", 1],
    ['file a seq 1 type x\n', 'Unknown AOF file type', 1],
    [`${good}${good}`, 'Found duplicate base file information', 2],
    ['file a seq 2 type i\nfile b seq 1 type i\n', 'Found a non-monotonic sequence number', 2],
    [`${good}file b seq 2 type i`, 'The AOF manifest file contains too long line', 2],
    [`file ${'a'.repeat(2000)} seq 1 type b\n`, 'The AOF manifest file contains too long line', 1],
  ] as const) {
    const damage = parseManifest(Buffer.from(text, 'latin1'));
    assert.ok('reason' in damage, text);
    assert.deepEqual([damage.reason, damage.lineNumber], [reason, line]);
  }
});
