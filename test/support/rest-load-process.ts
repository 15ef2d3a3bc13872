/**
 * Clients of a REST API, to be run on a host as a process of their own; prints one line of JSON at its end.
 * Arguments: `flood|checks|slow`, host, port, path, seconds, connections.
 *
 * flood: each connection asks again as soon as it was answered. checks: one request every 10 ms, whether or not the one before
 * was answered. slow: each connection sends a byte of its request now and then, and begins anew when it is closed.
 */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type LoadReport = {
  readonly answered: number;
  readonly failed: number;
  readonly perSecond: number;
  /** Milliseconds from connecting to the end of the answer. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
};

const [kind = '', host = '', port = '', path = '/', seconds = '5', connections = '8'] = process.argv.slice(2);
const end = performance.now() + Number(seconds) * 1000;
const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const took: number[] = [];
let failed = 0;

if (kind === 'slow') {
  await Promise.all(times(Number(connections)).map(beSlow));
} else if (kind === 'checks') {
  const open: Promise<void>[] = [];
  for (let at = performance.now(); at < end; at += 10) {
    await pause(Math.max(0, at - performance.now()));
    open.push(ask());
  }
  await Promise.all(open);
} else {
  await Promise.all(times(Number(connections)).map(flood));
}
took.sort((a, b) => a - b);
const at = (part: number): number => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0;
const report: LoadReport = {
  answered: took.length,
  failed,
  perSecond: took.length / Number(seconds),
  p50: at(0.5),
  p99: at(0.99),
  slowest: at(1),
};
console.log(JSON.stringify(report));

async function flood(): Promise<void> {
  while (performance.now() < end) await ask();
}

function ask(): Promise<void> {
  return new Promise((resolve) => {
    const begun = performance.now();
    let answer = '';
    const socket = connect(Number(port), host);
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      if (answer === '') answer = chunk.toString('latin1', 0, 20);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (/^HTTP\/1\.[01] (200|503)/.test(answer)) took.push(performance.now() - begun);
      else failed += 1;
      resolve();
    });
  });
}

async function beSlow(): Promise<void> {
  while (performance.now() < end) {
    const socket = connect(Number(port), host);
    socket.on('error', () => undefined).resume();
    for (const byte of request.slice(0, -4)) {
      if (socket.destroyed || performance.now() > end) break;
      socket.write(byte);
      await pause(200);
    }
    socket.destroy();
  }
}

function times(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
