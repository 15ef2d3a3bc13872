import { expect, it } from 'vitest';
import { millis } from '../../domain/time.ts';
import { type Dialable, dial } from './dial.ts';

/** A connection whose fate the test decides. */
class Line implements Dialable {
  readonly name: string;
  readonly #fate = Promise.withResolvers<string | null>();
  closedBecause: string | null = null;

  constructor(name: string) {
    this.name = name;
  }

  up(): Promise<string | null> {
    return this.#fate.promise;
  }

  is(fate: string | null): this {
    this.#fate.resolve(fate);
    return this;
  }

  close(reason: string): void {
    this.closedBecause = reason;
    this.#fate.resolve(reason);
  }
}

const AT_ONCE = millis(1);
const NEVER = millis(60_000);

function dialing(lines: readonly Line[], headStart = AT_ONCE) {
  const begun: string[] = [];
  const open = (line: Line): Line => {
    begun.push(line.name);
    return line;
  };
  return { begun, dialed: dial({ endpoints: lines, open, headStart, limit: NEVER }) };
}

it('takes the first endpoint when it is up, and bothers no other', async () => {
  const [a, b] = [new Line('a').is(null), new Line('b')];
  const { begun, dialed } = dialing([a, b], NEVER);
  expect(await dialed).toEqual({ kind: 'up', line: a, tried: 0 });
  expect(begun).toEqual(['a']);
});

it('goes on at once from an endpoint that refuses', async () => {
  const [a, b] = [new Line('a').is('refused'), new Line('b').is(null)];
  expect(await dialing([a, b], NEVER).dialed).toEqual({ kind: 'up', line: b, tried: 1 });
  expect(a.closedBecause).not.toBeNull();
});

it('does not wait for an endpoint that says nothing, and closes it when another is up', async () => {
  const [mute, b] = [new Line('mute'), new Line('b').is(null)];
  expect(await dialing([mute, b]).dialed).toEqual({ kind: 'up', line: b, tried: 1 });
  expect(mute.closedBecause).not.toBeNull();
});

it('still takes the first one when it is late, and up before the others', async () => {
  const [late, mute] = [new Line('late'), new Line('mute')];
  const { dialed } = dialing([late, mute]);
  setTimeout(() => late.is(null), 20);
  expect(await dialed).toEqual({ kind: 'up', line: late, tried: 0 });
  expect(mute.closedBecause).not.toBeNull();
});

it('says why when all have failed', async () => {
  const lines = [new Line('a').is('refused'), new Line('b').is('no route')];
  expect(await dialing(lines).dialed).toEqual({ kind: 'none', reason: 'refused; no route' });
});

it('takes an endpoint that cannot even begin for one that failed', async () => {
  const b = new Line('b').is(null);
  const open = (name: string): Line => {
    if (name === 'a') throw new Error('no such file: ca.crt');
    return b;
  };
  const dialed = dial({ endpoints: ['a', 'b'], open, headStart: NEVER, limit: NEVER });
  expect(await dialed).toEqual({ kind: 'up', line: b, tried: 1 });
});
