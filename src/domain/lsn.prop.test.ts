import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLsn, furthestLsn, type Lsn, lagBytes, lsn, parseLsn } from './lsn.ts';

const positions = fc.bigInt(0n, 2n ** 64n - 1n).map((bytes) => bytes as Lsn);
const maybe = fc.option(positions, { nil: null });

describe('a WAL position', () => {
  it('is read back from what it is written as', () => {
    fc.assert(
      fc.property(positions, (position) => {
        expect(parseLsn(formatLsn(position))).toBe(position);
      }),
    );
  });

  it('is written as PostgreSQL writes it: two halves in upper-case hexadecimal', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), (high, low) => {
        const text = `${high.toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`;

        expect(formatLsn(((BigInt(high) << 32n) + BigInt(low)) as Lsn)).toBe(text);
        expect(parseLsn(text.toLowerCase())).toBe(parseLsn(text));
      }),
    );
  });

  it('is read from decimal bytes, too, every digit kept', () => {
    fc.assert(
      fc.property(positions, (position) => {
        expect(parseLsn(String(position))).toBe(position);
      }),
    );
  });

  it('is nothing that is longer than 64 bits, or negative', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 64n }), (bytes) => {
        expect([lsn(bytes), lsn(-bytes)]).toEqual([null, null]);
      }),
    );
  });

  it.each(['', '/', '0/', '/0', '0/0/0', 'G/0', '0/123456789', '-1', '1e3', ' 0/0', '0x10', '0/0 '])(
    '%j is none',
    (text) => expect(parseLsn(text)).toBeNull(),
  );
});

describe('comparing positions', () => {
  it('lag is never negative, and is what is missing', () => {
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        const lag = lagBytes({ ahead: a, behind: b });
        expect(lag).toBe(a > b ? a - b : 0n);
      }),
    );
  });

  it('the furthest of some is one of them, and nobody knows more; unknown ones do not count', () => {
    fc.assert(
      fc.property(fc.array(maybe, { maxLength: 5 }), (all) => {
        const known = all.filter((each) => each !== null);
        const furthest = furthestLsn(...all);

        if (furthest === null) expect(known).toEqual([]);
        else {
          expect(known).toContain(furthest);
          expect(known.filter((each) => each > furthest)).toEqual([]);
        }
      }),
    );
  });
});
