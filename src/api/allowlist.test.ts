import { expect, test } from 'vitest';
import { createAllowlist, isListed } from './allowlist.ts';

test('names are looked up all at once: slow ones keep nobody waiting for longer than one of them', async () => {
  const asked = new Map<string, PromiseWithResolvers<readonly string[]>>();
  const skipped: unknown[] = [];
  const created = createAllowlist(['a.example', '10.0.0.0/8', 'b.example', 'c.example'], {
    log: { write: (_level, _event, { entry }) => void skipped.push(entry) },
    lookUp: (name) => {
      const answer = Promise.withResolvers<readonly string[]>();
      asked.set(name, answer);
      return answer.promise;
    },
  });
  expect([...asked.keys()]).toEqual(['a.example', 'b.example', 'c.example']);

  asked.get('c.example')?.reject(new Error('not found'));
  asked.get('b.example')?.resolve(['192.0.2.2', '2001:db8::2']);
  asked.get('a.example')?.reject(new Error('not found'));
  const allowlist = await created;

  expect(skipped).toEqual(['a.example', 'c.example']);
  if (allowlist.kind !== 'listed') throw new Error('it was configured');
  const listed = ['10.1.1.1', '192.0.2.2', '2001:db8::2', '192.0.2.3'].map((each) =>
    isListed(allowlist.addresses, each),
  );
  expect(listed).toEqual([true, true, true, false]);
});

test('an address or a network is no name: it is not looked up, and nobody is told that it was skipped', async () => {
  const told: unknown[] = [];
  const log = { write: (_level: string, event: string, fields: object) => void told.push([event, fields]) };
  const lookUp = (name: string) => {
    told.push(name);
    return Promise.reject(new Error('not found'));
  };
  const allowlist = await createAllowlist(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '10.0.0.0/33'], { log, lookUp });

  expect(allowlist.kind).toBe('listed');
  expect(told).toEqual([['allowlist-entry-skipped', { entry: '10.0.0.0/33', problem: 'no valid network' }]]);
});
