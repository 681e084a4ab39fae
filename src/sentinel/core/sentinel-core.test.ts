import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoreDriver, myId, otherId, savedMaster, thirdId } from './core-fixture.ts';
import type { SentinelEffect } from './effect.ts';
import type { SentinelRequest } from './input.ts';
import { defaultMasterSettings, defaultTimings } from './settings.ts';

const error = (text: string) => ({ kind: 'error', text }) as const;
const settings = defaultMasterSettings(2, defaultTimings);
const vote = (epoch: number, runId: string): SentinelRequest => ({
  name: 'isMasterDown',
  host: '10.0.0.1',
  port: 6379,
  epoch,
  runId,
});
const monitor = (host: string, master = 'other'): SentinelRequest => ({
  name: 'monitor',
  master,
  host,
  port: 6379,
  quorum: 2,
});

test('a data node gets two links: who we are first, then what they are for', () => {
  const renamedCommands = new Map([
    ['PING', 'PONG'],
    ['SUBSCRIBE', 'LISTEN'],
  ]);
  const driver = new CoreDriver([
    savedMaster({ settings: { ...settings, authUser: 'u', authPass: 'p', renamedCommands } }),
  ]);
  const [command, subscription] = driver.of('open');
  assert.deepEqual(
    [command.purpose, command.target, command.host, command.port],
    ['command', 'master', '10.0.0.1', 6379],
  );
  assert.deepEqual(driver.sent(command.link), [
    'AUTH u p',
    'CLIENT SETNAME sentinel-aaaaaaaa-cmd',
    'PONG',
  ]);
  assert.deepEqual(driver.sent(subscription.link), [
    'AUTH u p',
    'CLIENT SETNAME sentinel-aaaaaaaa-pubsub',
    'LISTEN __sentinel__:hello',
  ]);
  assert.deepEqual(driver.events(), ['+monitor master mymaster 10.0.0.1 6379 quorum 2']);
});

test('one link to a sentinel, however many masters it watches with us', () => {
  const sentinels = [{ host: '10.0.1.2', port: 26_379, runId: otherId }];
  const driver = new CoreDriver([
    savedMaster({ sentinels }),
    savedMaster({ name: 'second', host: '10.0.0.9', sentinels }),
  ]);
  assert.equal(driver.of('open').filter(({ target }) => target === 'sentinel').length, 1);
  const [peer] = driver.core.sentinels('second', driver.now) ?? [];
  assert.equal(peer.linkRefcount, 2);
  driver.command({ name: 'remove', master: 'second' });
  assert.equal(driver.core.sentinels('mymaster', driver.now)?.[0].linkRefcount, 1);
  driver.command({ name: 'remove', master: 'mymaster' });
  assert.equal(driver.of('close').length, 3);
});

test('a closed link is tried again at once, a refused one later and later', () => {
  const driver = new CoreDriver([savedMaster()]);
  const [command] = driver.of('open');
  driver.input({ kind: 'linkOpened', link: command.link, localHost: '10.0.1.1' });
  driver.input({ kind: 'linkClosed', link: command.link, reason: 'reset' });
  assert.deepEqual(driver.events(), [
    '-cmd-link-reconnection master mymaster 10.0.0.1 6379 #reset',
  ]);
  const pauses: number[] = [];
  for (let i = 0; i < 6; i++) {
    const from = driver.now;
    let opened = driver.of('open');
    while (opened.length === 0) {
      driver.wake(driver.now + 10);
      opened = driver.of('open');
    }
    pauses.push(driver.now - from);
    driver.input({ kind: 'linkClosed', link: opened[0].link, reason: 'Connection refused' });
  }
  for (let i = 1; i < pauses.length; i++) assert.ok(pauses[i] >= pauses[i - 1], `${pauses}`);
  assert.equal(pauses[5], 1000);
});

test('a vote is told once it is on disk, and only to the first who asks', () => {
  const driver = new CoreDriver([savedMaster()]);
  assert.equal(driver.command(vote(5, otherId)), undefined);
  assert.equal(driver.of('persist')[0].state.masters[0].leaderEpoch, 5);
  assert.equal(driver.of('persist')[0].state.currentEpoch, 5);
  driver.saved();
  assert.deepEqual(driver.events(), [`+vote-for-leader ${otherId} 5`]);
  const expected = { kind: 'masterDown', isDown: false, leader: otherId, leaderEpoch: 5 };
  assert.deepEqual(driver.answer(), expected);
  assert.deepEqual(driver.command(vote(5, thirdId)), expected);
  assert.deepEqual(driver.command(vote(4, thirdId)), expected);
});

test('a vote that could not be saved was not cast, and nobody else gets it', () => {
  const driver = new CoreDriver([savedMaster()]);
  driver.command(vote(5, otherId));
  driver.saved(false);
  const none = { kind: 'masterDown', isDown: false, leader: '*', leaderEpoch: 5 };
  assert.deepEqual(driver.answer(), none);
  assert.deepEqual(driver.command(vote(5, thirdId)), none);
  assert.deepEqual(driver.command(vote(5, otherId)), none);
});

test('who asks while a vote is being written waits for the same write', () => {
  const driver = new CoreDriver([savedMaster()]);
  driver.command(vote(5, otherId));
  assert.equal(driver.command(vote(5, thirdId)), undefined);
  assert.deepEqual(driver.of('persist'), []);
  driver.saved();
  const leaders = driver.of('answer').map(({ answer }) => 'leader' in answer && answer.leader);
  assert.deepEqual(leaders, [otherId, otherId]);
});

test('a vote that another one overtakes on its way to the disk is not told any more', () => {
  const driver = new CoreDriver([savedMaster()]);
  driver.command(vote(5, otherId));
  const first = driver.of('persist')[0].id;
  assert.equal(driver.command(vote(6, thirdId)), undefined);
  driver.input({ kind: 'persisted', id: first, ok: true });
  assert.deepEqual(driver.of('answer'), []);
  assert.deepEqual(driver.events(), []);
  driver.saved();
  assert.deepEqual(driver.events(), [`+vote-for-leader ${thirdId} 6`]);
  const told = { kind: 'masterDown', isDown: false, leader: thirdId, leaderEpoch: 6 };
  assert.deepEqual(
    driver.of('answer').map(({ answer }) => answer),
    [told, told],
  );
});

test('a vote that is forgotten on its way to the disk leaves nobody waiting', () => {
  const driver = new CoreDriver([savedMaster()]);
  driver.command(vote(5, otherId));
  const first = driver.of('persist')[0].id;
  driver.command({ name: 'reset', pattern: '*' });
  driver.input({ kind: 'persisted', id: first, ok: true });
  const none = { kind: 'masterDown', isDown: false, leader: '*', leaderEpoch: 5 };
  assert.deepEqual(driver.answer(), none);
  assert.deepEqual(driver.events(), []);
  assert.deepEqual(driver.command(vote(5, thirdId)), none);
});

test('after a restart the epoch of the last vote is used up', () => {
  const driver = new CoreDriver([savedMaster({ leaderEpoch: 5 })]);
  const none = { kind: 'masterDown', isDown: false, leader: '*', leaderEpoch: 5 };
  assert.deepEqual(driver.command(vote(5, otherId)), none);
});

test('forged epochs, odd run ids and unknown addresses get no vote', () => {
  const driver = new CoreDriver([savedMaster()]);
  for (const epoch of [2 ** 63, 2 ** 53, 2 ** 40, -1, Number.NaN]) {
    const answer = driver.command(vote(epoch, otherId));
    assert.ok(answer?.kind === 'masterDown' && answer.leader === '*', `${epoch}`);
    assert.equal(driver.core.currentEpoch, 0);
  }
  const unknown = { kind: 'masterDown', isDown: false, leader: '*', leaderEpoch: 0 };
  assert.deepEqual(driver.command(vote(5, 'x')), unknown);
  assert.deepEqual(driver.command({ ...vote(5, otherId), port: 1 } as SentinelRequest), unknown);
});

test('MONITOR: addresses, duplicates, ports', () => {
  const driver = new CoreDriver([savedMaster()]);
  assert.deepEqual(driver.command(monitor('a.name')), { kind: 'invalidHost' });
  assert.deepEqual(driver.command(monitor('10.0.0.9', 'mymaster')), { kind: 'duplicateMaster' });
  const badPort = { ...monitor('10.0.0.9'), port: 65_536 } as SentinelRequest;
  assert.deepEqual(driver.command(badPort), { kind: 'invalidPort' });
  assert.equal(driver.command(monitor('10.0.0.9')), undefined);
  assert.deepEqual(driver.events(), ['+monitor master other 10.0.0.9 6379 quorum 2']);
  driver.saved(false);
  assert.deepEqual(driver.answer(), { kind: 'notSaved' });
});

test('two masters of one address are watched side by side', () => {
  const driver = new CoreDriver([savedMaster()]);
  driver.command(monitor('10.0.0.1', 'twin'));
  assert.deepEqual(driver.core.masterNames(), ['mymaster', 'twin']);
  assert.equal(driver.of('open').length, 2);
});

test('MONITOR with a name waits for its address, and for nothing else', () => {
  const driver = new CoreDriver([], { resolveHostnames: true });
  assert.equal(driver.command(monitor('db')), undefined);
  assert.deepEqual(driver.of('resolve'), [{ kind: 'resolve', host: 'db' }]);
  driver.input({ kind: 'resolved', host: 'db', ip: '10.0.0.5' });
  driver.saved();
  assert.deepEqual(driver.answer(), { kind: 'ok' });
  assert.equal(driver.command(monitor('nowhere', 'b')), undefined);
  driver.input({ kind: 'resolved', host: 'nowhere', ip: undefined });
  assert.deepEqual(driver.answer(), { kind: 'invalidHost' });
});

test('a name server that hangs: the last known address is used', () => {
  const driver = new CoreDriver([savedMaster({ host: 'db' })], { resolveHostnames: true });
  driver.input({ kind: 'resolved', host: 'DB', ip: '10.0.0.5' });
  const [command, subscription] = driver.of('open');
  assert.equal(command.host, '10.0.0.5');
  driver.input({ kind: 'linkClosed', link: command.link, reason: 'reset' });
  driver.input({ kind: 'linkClosed', link: subscription.link, reason: 'reset' });
  const from = driver.now;
  driver.effects = [];
  while (driver.of('open').length === 0) driver.wake(driver.now + 50);
  assert.equal(driver.of('open')[0].host, '10.0.0.5');
  assert.ok(driver.now - from <= 1500, `${driver.now - from}`);
});

test('a name with a new address: its links move there', () => {
  const driver = new CoreDriver([savedMaster({ host: 'db' })], { resolveHostnames: true });
  driver.input({ kind: 'resolved', host: 'db', ip: '10.0.0.5' });
  driver.input({ kind: 'resolved', host: 'db', ip: '10.0.0.6' });
  assert.equal(driver.of('close').length, 2);
  assert.equal(driver.core.masterAddress('mymaster')?.host, '10.0.0.6');
});

test('SET says what was set, keeps passwords to itself and connects again with them', () => {
  const driver = new CoreDriver([savedMaster()]);
  driver.command({
    name: 'set',
    master: 'mymaster',
    changes: [
      { event: 'quorum 3', settings: { quorum: 3 } },
      { event: 'auth-pass ******', settings: { authPass: 'secret' } },
      { event: 'rename-command config x', settings: {}, rename: { from: 'config', to: 'x' } },
    ],
  });
  assert.deepEqual(driver.events(), [
    '+set master mymaster 10.0.0.1 6379 quorum 3',
    '+set master mymaster 10.0.0.1 6379 auth-pass ******',
    '+set master mymaster 10.0.0.1 6379 rename-command config x',
  ]);
  assert.equal(driver.of('close').length, 2);
  assert.equal(driver.sent(driver.of('open')[0].link)[0], 'AUTH secret');
  const saved = driver.of('persist')[0].state.masters[0].settings;
  assert.equal(saved.quorum, 3);
  assert.equal(saved.renamedCommands.get('CONFIG'), 'x');
  driver.saved();
  assert.deepEqual(driver.answer(), { kind: 'ok' });
});

test('WRONGPASS, NOAUTH and NOPERM are shown, and are not silence', () => {
  const driver = new CoreDriver([savedMaster({ settings: { ...settings, authPass: 'x' } })]);
  const { effects } = driver;
  driver.reply('AUTH', error('WRONGPASS invalid username-password pair or user is disabled.'));
  assert.equal(driver.of('log').length, 1);
  driver.effects = effects;
  driver.now += 100;
  driver.input({ kind: 'reply', link: 0, id: 0, reply: error('NOAUTH') });
  driver.effects = effects;
  driver.reply('PING', error('NOAUTH Authentication required.'));
  const view = driver.core.master('mymaster', driver.now);
  assert.match(view?.refusal ?? '', /^AUTH: WRONGPASS .*; PING: NOAUTH/);
  assert.equal(view?.lastOkPingReply, 0);
  assert.equal(driver.core.quorum('mymaster')?.refusals.length, 1);
});

test('answers of a wrong shape and a port that speaks something else say nothing', () => {
  const sentinels = [{ host: '10.0.1.2', port: 26_379, runId: otherId }];
  const driver = new CoreDriver([savedMaster({ sentinels })]);
  const { effects } = driver;
  driver.now += 100;
  const shapes = [
    { kind: 'integer', value: 1 },
    { kind: 'array', items: [] },
    { kind: 'null' },
    { kind: 'bulk', bytes: Buffer.alloc(1_000_000, 'x') },
  ] as const;
  for (const send of driver.of('send')) {
    for (const reply of shapes)
      driver.input({ kind: 'reply', link: send.link, id: send.id, reply });
    driver.effects = effects;
  }
  assert.equal(driver.core.sentinels('mymaster', driver.now)?.[0].votedLeader, '?');
  assert.equal(driver.core.master('mymaster', driver.now)?.lastPingSent, 100);
});

test('a stalled process is TILT; an early or a late wake is not', () => {
  const driver = new CoreDriver([savedMaster()]);
  driver.wake(driver.now + 1);
  driver.wake(driver.now + 1900);
  assert.equal(driver.core.summary(driver.now).isTilt, false);
  driver.wake(driver.now + 2001);
  assert.deepEqual(driver.events(), ['+tilt #tilt mode entered']);
  assert.equal(driver.core.summary(driver.now + 2500).tiltSinceSeconds, 2);
  for (let i = 0; i < 29; i++) driver.wake(driver.now + 1000);
  assert.equal(driver.core.summary(driver.now).isTilt, true);
  driver.wake(driver.now + 1000);
  assert.ok(driver.events().includes('-tilt #tilt mode exited'));
});

test('a master that has answered during TILT is up before anything is done about it', () => {
  const impatient = { ...settings, quorum: 1, downAfterMs: 1000, failoverTimeoutMs: 1000 };
  const driver = new CoreDriver([savedMaster({ settings: impatient })]);
  for (const { link } of driver.of('open')) {
    driver.input({ kind: 'linkOpened', link, localHost: '10.9.9.9' });
  }
  for (let i = 0; i < 150; i++) driver.wake(driver.now + 10);
  assert.equal(driver.core.masterSummaries()[0].status, 'odown');
  driver.wake(driver.now + 2001);
  for (let i = 0; i < 29; i++) {
    driver.wake(driver.now + 1000);
    driver.reply('PING', { kind: 'simple', text: 'PONG' });
  }
  driver.wake(driver.now + 1001);
  const events = driver.events().map((event) => event.split(' ', 1)[0]);
  assert.deepEqual(events.slice(0, 3), ['-tilt', '-sdown', '-odown']);
  assert.ok(!events.includes('+try-failover'));
});

test('what others said of an outage says nothing about the next one', () => {
  const sentinels = [{ host: '10.0.1.2', port: 26_379, runId: otherId }];
  const quick = { ...settings, quorum: 2, downAfterMs: 1000 };
  const driver = new CoreDriver([savedMaster({ settings: quick, sentinels })]);
  for (const { link } of driver.of('open')) {
    driver.input({ kind: 'linkOpened', link, localHost: '10.9.9.9' });
  }
  const status = (): string => driver.core.masterSummaries()[0].status;
  const down = { kind: 'integer', value: 1 } as const;
  const nobody = { kind: 'bulk', bytes: Buffer.from('*') } as const;
  const isDown = { kind: 'array', items: [down, nobody, { kind: 'integer', value: 0 }] } as const;
  const question = 'SENTINEL is-master-down-by-addr';
  const until = (isSo: () => boolean): SentinelEffect[] => {
    for (let i = 0; i < 300 && !isSo(); i++) driver.wake(driver.now + 10);
    return driver.effects;
  };
  const asked = until(() => status() === 'sdown');
  driver.reply(question, isDown);
  assert.equal(status(), 'odown');
  until(() => driver.of('send').some(({ args }) => args[0] === 'PING'));
  for (const { link, id, args } of driver.of('send')) {
    const reply = { kind: 'simple', text: 'PONG' } as const;
    if (args[0] === 'PING') driver.input({ kind: 'reply', link, id, reply });
  }
  assert.equal(status(), 'ok');
  until(() => status() !== 'ok');
  assert.equal(status(), 'sdown', 'nobody has been asked about it yet');
  driver.effects = asked;
  driver.reply(question, isDown);
  assert.equal(status(), 'sdown', 'an answer that comes late is about the outage before');
});

test('a newer configuration overrules an attempt, also one that leaves the master where it is', () => {
  const sentinels = [{ host: '10.0.1.2', port: 26_379, runId: otherId }];
  const alone = { ...settings, quorum: 1, downAfterMs: 1000 };
  const driver = new CoreDriver([savedMaster({ settings: alone, sentinels })]);
  for (let i = 0; i < 150 && driver.events().every((one) => !one.includes('+try-failover')); i++) {
    driver.wake(driver.now + 10);
  }
  const state = (): string | undefined => driver.core.master('mymaster', driver.now)?.failoverState;
  assert.equal(state(), 'wait_start');
  const text = `10.0.1.2,26379,${otherId},5,mymaster,10.0.0.1,6379,5`;
  driver.input({ kind: 'hello', text });
  assert.ok(driver.events().some((one) => one.startsWith('+config-update-from')));
  assert.ok(driver.events().every((one) => !one.startsWith('+switch-master')));
  assert.equal(state(), undefined);
  assert.equal(driver.core.master('mymaster', driver.now)?.configEpoch, 5);
});

test('a master that comes back while our vote is written is not replaced, and its next outage does not wait', () => {
  const alone = { ...settings, quorum: 1, downAfterMs: 1000 };
  const driver = new CoreDriver([savedMaster({ settings: alone })]);
  for (const { link } of driver.of('open')) {
    driver.input({ kind: 'linkOpened', link, localHost: '10.9.9.9' });
  }
  const status = (): string => driver.core.masterSummaries()[0].status;
  const state = (): string | undefined => driver.core.master('mymaster', driver.now)?.failoverState;
  const until = (isSo: () => boolean): void => {
    for (let i = 0; i < 300 && !isSo(); i++) driver.wake(driver.now + 10);
  };
  until(() => state() === 'wait_start');
  until(() => driver.of('send').some(({ args }) => args[0] === 'PING'));
  for (const { link, id, args } of driver.of('send')) {
    const reply = { kind: 'simple', text: 'PONG' } as const;
    if (args[0] === 'PING') driver.input({ kind: 'reply', link, id, reply });
  }
  assert.equal(status(), 'ok');
  assert.equal(state(), 'wait_start', 'the vote is on its way to the disk');
  driver.saved();
  assert.ok(driver.events().some((one) => one.startsWith('-failover-abort-not-elected')));
  assert.equal(state(), undefined);
  until(() => status() === 'odown');
  assert.equal(state(), 'wait_start');
});

test('a hello that repeats itself costs no more than a look', () => {
  const driver = new CoreDriver([savedMaster()]);
  const text = `10.0.1.2,26379,${otherId},0,mymaster,10.0.0.1,6379,0`;
  driver.input({ kind: 'hello', text });
  assert.deepEqual(driver.events(), [
    `+sentinel sentinel ${otherId} 10.0.1.2 26379 @ mymaster 10.0.0.1 6379`,
  ]);
  driver.now += 500;
  assert.deepEqual(driver.input({ kind: 'hello', text }), []);
  assert.equal(driver.core.sentinels('mymaster', driver.now)?.[0].lastHelloMessage, 0);
  driver.input({ kind: 'hello', text: text.replace(otherId, myId) });
  assert.equal(driver.core.sentinels('mymaster', driver.now)?.length, 1);
});

test('a flood of sentinels that do not exist ends at the limit', () => {
  const driver = new CoreDriver([savedMaster()]);
  for (let i = 0; i < 1000; i++) {
    const runId = i.toString(16).padStart(40, '0');
    const text = `10.1.${i >> 8}.${i & 255},26379,${runId},0,mymaster,10.0.0.1,6379,0`;
    driver.input({ kind: 'hello', text });
  }
  assert.equal(driver.core.sentinels('mymaster', driver.now)?.length, 128);
});

test('at rest a wake does the work of what is due, not of all that is watched', () => {
  const masters = Array.from({ length: 100 }, (_, i) =>
    savedMaster({ name: `m${i}`, host: `10.0.${i >> 4}.${(i & 15) + 1}` }),
  );
  const driver = new CoreDriver(masters);
  for (const open of driver.of('open')) {
    driver.input({ kind: 'linkOpened', link: open.link, localHost: '10.9.9.9' });
  }
  let sent = 0;
  let wakes = 0;
  for (const end = driver.now + 1000; driver.now < end; wakes++) {
    driver.wake(driver.now + 10);
    sent += driver.of('send').length;
  }
  // A PING each, and with the default down-after nothing more than once a second.
  assert.ok(sent <= 400, `${sent} commands in ${wakes} wakes`);
});
