import { describe, expect, test } from 'vitest';
import { leaderSnapshot, replicaSnapshot, withoutView } from '../../test/support/node-snapshot.ts';
import { basic, bodyOf, closeApis, serving, statusOf } from '../../test/support/rest-api.ts';
import { commands } from './route.ts';

closeApis();

const call = JSON.stringify({ name: 'a', conn_url: 'postgres://a', api_url: 'http://a:8008/patroni' });
const memberAt = (host: string) => ({ api_url: `http://${host}:8008/patroni`, state: 'running', role: 'replica' });
const includingMembers = { config: { allowlistIncludesMembers: true } };

describe('REST-53: members may send what changes something', () => {
  test('whoever asks from a member’s address', async () => {
    const snapshot = leaderSnapshot({ keys: { 'members/n2': memberAt('127.0.0.1') } });
    const { ask, requests } = await serving({ ...includingMembers, snapshot });

    expect(statusOf(await ask('POST /restart'))).toBe(202);
    expect(requests).toHaveLength(1);
  });

  test('a member that published a name is looked up', async () => {
    const snapshot = leaderSnapshot({
      keys: { 'members/n2': memberAt('localhost'), 'members/n3': memberAt('name.invalid') },
    });
    const { ask } = await serving({ ...includingMembers, snapshot });

    expect(statusOf(await ask('POST /restart'))).toBe(202);
  });

  test('nobody else', async () => {
    const { ask, requests } = await serving(includingMembers);

    expect(bodyOf(await ask('POST /restart'))).toBe('Access is denied');
    expect(requests).toEqual([]);
  });

  test('nobody while the members are not known', async () => {
    const snapshot = leaderSnapshot({ keys: { 'members/n2': memberAt('127.0.0.1') }, observation: withoutView });
    const { ask } = await serving({ ...includingMembers, snapshot });

    expect(statusOf(await ask('POST /restart'))).toBe(403);
  });

  test('a leader that the store does not answer may ask from anywhere, unless a list is configured', async () => {
    const snapshot = replicaSnapshot({ dynamic: { failsafe_mode: true } });
    const open = await serving({ ...includingMembers, snapshot });
    const listed = await serving({ config: { allowlistIncludesMembers: true, allowlist: ['10.9.9.9'] }, snapshot });

    expect(statusOf(await open.ask('POST /failsafe', call))).toBe(202);
    expect(statusOf(await listed.ask('POST /failsafe', call))).toBe(403);
  });
});

describe('REST-83: nothing that may change something is open', () => {
  test.each(Object.keys(commands))('%s', async (route) => {
    const { ask, requests } = await serving({ config: { auth: { username: 'u', password: 'p' } } });
    const head = route.replace(' ', ' /');

    expect(statusOf(await ask(head, '{"a": 1}'))).toBe(401);
    expect(statusOf(await ask(`${head}\n${basic('u:p').slice(0, -1)}`, '{"a": 1}'))).toBe(401);
    expect(requests).toEqual([]);
  });
});
