import { expect, test } from 'vitest';
import { inodeOf, listeningPorts } from './tcp-table.ts';

/** Two ends of one connection from port 51966 to port 8008, and the listener. */
const table = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  '   0: 0100007F:1F48 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 111 1 0 100 0 0 10 0',
  '   1: 0100007F:1F48 0100007F:CAFE 01 00000000:00000000 00:00000000 00000000   101        0 222 1 0 20 4 30 10 -1',
  '   2: 0100007F:CAFE 0100007F:1F48 01 00000000:00000000 00:00000000 00000000   102        0 333 1 0 20 4 30 10 -1',
  '   3: 0100007F:BEEF 0100007F:1F48 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0 20 4 30 10 -1',
].join('\n');

test('the asker is whoever has the end that connected, not the relay that accepted', () => {
  expect(inodeOf({ port: 0xcafe, relayPort: 0x1f48 }, table)).toBe('333');
});

test('a connection that nobody has any more, or that is not there, is nobody’s', () => {
  expect(inodeOf({ port: 0xbeef, relayPort: 0x1f48 }, table)).toBeNull();
  expect(inodeOf({ port: 0x1234, relayPort: 0x1f48 }, table)).toBeNull();
});

test('who listens is not who is connected', () => {
  expect([...listeningPorts(table)]).toEqual([0x1f48]);
});
