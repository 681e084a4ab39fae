import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, NO_ID, type StreamWindow } from './history.ts';

const ID = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);
const THIRD = 'c'.repeat(40);
const whole = (history: History): StreamWindow => ({
  isOpen: true,
  firstByte: 1,
  length: history.offset,
});

function at(offset: number): History {
  const history = new History(ID);
  history.feed(offset);
  return history;
}

test('a new history has one id and begins at 0', () => {
  const history = new History(ID);
  assert.deepEqual([history.offset, history.secondId, history.secondOffset], [0, NO_ID, -1]);
});

test('a promotion keeps the past under the second id, up to where it was', () => {
  const history = at(100);
  history.shift(OTHER);
  history.feed(50);
  assert.deepEqual([history.id, history.secondId, history.secondOffset], [OTHER, ID, 101]);
  const window = whole(history);
  assert.equal(history.canContinue(OTHER, 151, window).kind, 'possible');
  assert.equal(history.canContinue(ID, 101, window).kind, 'possible');
  const later = history.canContinue(ID, 102, window);
  assert.equal(later.kind, 'divergedLater');
  assert.equal(
    'reason' in later && later.reason,
    'Requested offset for second ID was 102, but I can reply up to 101',
  );
});

test('a second promotion forgets the first', () => {
  const history = at(10);
  history.shift(OTHER);
  history.feed(10);
  history.shift(THIRD);
  assert.equal(history.canContinue(ID, 5, whole(history)).kind, 'unknownId');
  assert.equal(history.canContinue(OTHER, 21, whole(history)).kind, 'possible');
});

test('an unknown id is refused with all ids in the reason', () => {
  const refusal = at(10).canContinue(OTHER, 5, { isOpen: true, firstByte: 1, length: 10 });
  assert.equal(
    'reason' in refusal && refusal.reason,
    `Replication ID mismatch (Replica asked for '${OTHER}', my replication IDs are '${ID}' and '${NO_ID}')`,
  );
});

test('a restarted master goes on where the saved history ended, under an id of its own', () => {
  const history = new History(OTHER);
  history.succeed({ id: ID, offset: 500 });
  const window = { isOpen: true, firstByte: 501, length: 0 };
  assert.equal(history.offset, 500);
  assert.equal(history.canContinue(ID, 501, window).kind, 'possible');
  assert.equal(history.canContinue(ID, 502, window).kind, 'divergedLater');
  assert.equal(history.canContinue(ID, 500, window).kind, 'outsideBacklog');
});

test('a full synchronisation takes the whole history over', () => {
  const history = at(10);
  history.shift(OTHER);
  history.adopt({ id: THIRD, offset: 7 });
  assert.deepEqual([history.id, history.offset, history.secondId], [THIRD, 7, NO_ID]);
});

test('a restarted replica is where it was', () => {
  const history = new History(OTHER);
  history.resume({ id: ID, offset: 42 });
  assert.deepEqual([history.id, history.offset, history.secondOffset], [ID, 42, -1]);
});

test('the window of the backlog decides, from its first byte to the one after its last', () => {
  const history = at(100);
  const window = { isOpen: true, firstByte: 51, length: 50 };
  const kind = (offset: number) => history.canContinue(ID, offset, window).kind;
  assert.equal(kind(51), 'possible');
  assert.equal(kind(101), 'possible');
  assert.deepEqual(history.canContinue(ID, 50, window), { kind: 'outsideBacklog', isAhead: false });
  assert.deepEqual(history.canContinue(ID, 102, window), { kind: 'outsideBacklog', isAhead: true });
  const closed = { ...window, isOpen: false };
  assert.deepEqual(history.canContinue(ID, 60, closed), { kind: 'outsideBacklog', isAhead: false });
});
