import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { Hosts } from '../support/hosts.ts';
import { until } from '../support/wait.ts';

let hosts: Hosts;
beforeAll(async () => {
  hosts = await Hosts.build(['a', 'b']);
  await listenOn('a');
  await listenOn('b');
});
afterAll(() => hosts.remove());

test('hosts and the outside reach each other', async () => {
  expect(await answers('b', { to: 'a' })).toBe('open');
  expect(await answers('outside', { to: 'b' })).toBe('open');
});

test.for(['both', 'incoming', 'outgoing'] as const)('a host cut off (%s) is silent until it is healed', async (way) => {
  await hosts.cut('a', way);
  expect(await answers('b', { to: 'a' })).toBe('silent');
  expect(await answers('outside', { to: 'b' })).toBe('open');
  await hosts.heal('a');
  expect(await answers('b', { to: 'a' })).toBe('open');
});

test('a killed host takes all its processes along, is silent, and comes back under its old address', async () => {
  const sleeper = hosts.start('a', ['setsid', 'sleep', '1000'], { as: 'service', log: 'sleeper' });
  await until('both processes run', { withinMs: 5000 }, async () => (await hosts.processesOn('a')).length === 2);
  await hosts.kill('a');
  expect(await sleeper.ended).toBe('SIGKILL');
  expect(await answers('b', { to: 'a' })).toBe('silent');
  await hosts.revive('a');
  expect(await answers('b', { to: 'a' })).toBe('closed');
  await listenOn('a');
  expect(await answers('b', { to: 'a' })).toBe('open');
});

async function listenOn(host: string): Promise<void> {
  const program = `require('node:net').createServer((socket) => socket.end()).listen(7000)`;
  hosts.start(host, [process.execPath, '-e', program], { as: 'root', log: 'listener' });
  await until(`${host} listens`, { withinMs: 10_000 }, async () => (await answers(host, { to: host })) === 'open');
}

/** `closed` is an answer too: somebody is there and refuses. */
async function answers(from: string, { to }: { readonly to: string }): Promise<string> {
  const program = `
    const socket = require('node:net').connect(7000, '${hosts.addressOf(to)}');
    const say = (word) => { console.log(word); process.exit(); };
    socket.on('connect', () => say('open')).on('error', (error) => say(error.code === 'ECONNREFUSED' ? 'closed' : 'silent'));
    setTimeout(() => say('silent'), 700);`;
  return (await run(hosts.inside(from, [process.execPath, '-e', program], 'root'))).trim();
}
