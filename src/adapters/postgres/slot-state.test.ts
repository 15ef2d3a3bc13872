import { describe, expect, it } from 'vitest';
import { lsn } from '../../domain/lsn.ts';
import { slotName } from '../../domain/names.ts';
import { decodingStart, whyOfNoUse } from './slot-state.ts';

const at = (bytes: bigint) => lsn(bytes) ?? expect.fail('a position is not negative');
const SEGMENT = 16_777_216;
const here = { replayed: at(5n * BigInt(SEGMENT)), segmentBytes: SEGMENT };

function stateFile(restart: bigint): Buffer {
  const file = Buffer.alloc(200);
  file.writeBigUInt64LE(restart, 96);
  return file;
}

describe('where a server begins to decode that starts from a slot’s file', () => {
  it('the file lags what its server knows', () => {
    expect(decodingStart(stateFile(100n), at(300n))).toBe(100n);
    expect(decodingStart(stateFile(300n), at(300n))).toBe(300n);
  });

  it('another layout says nothing', () => {
    expect(decodingStart(stateFile(0n), at(300n))).toBe(300n);
    expect(decodingStart(stateFile(9_000n), at(300n))).toBe(300n);
    expect(decodingStart(Buffer.alloc(20), at(300n))).toBeNull();
  });
});

describe('a slot is worth a restart', () => {
  const slot = { name: slotName('cdc'), needsFrom: at(3n * BigInt(SEGMENT) + 7n), confirmed: at(4n * BigInt(SEGMENT)) };
  const walFiles = ['000000020000000000000003', '000000030000000000000004', 'archive_status'];

  it('when its WAL is here, on whatever timeline, and it is not ahead', () => {
    expect(whyOfNoUse(slot, { ...here, walFiles })).toBeNull();
  });

  it('not when its WAL is gone', () => {
    expect(whyOfNoUse(slot, { ...here, walFiles: walFiles.slice(1) })).toContain('WAL');
  });

  it('W36: not when it is ahead of what is replayed', () => {
    expect(whyOfNoUse({ ...slot, confirmed: at(5n * BigInt(SEGMENT) + 1n) }, { ...here, walFiles })).toContain('ahead');
  });

  it('segments of another size have other names', () => {
    const mebibyte = { replayed: here.replayed, segmentBytes: 1_048_576 };
    expect(
      whyOfNoUse({ ...slot, needsFrom: at(0x1_0000_0000n) }, { ...mebibyte, walFiles: ['000000010000000100000000'] }),
    ).toBeNull();
    expect(
      whyOfNoUse({ ...slot, needsFrom: at(0x1_0010_0000n) }, { ...mebibyte, walFiles: ['000000010000000100000000'] }),
    ).not.toBeNull();
  });
});
