import { type Instant, instant } from '../../domain/time.ts';

/** What a promotion asks right before the call (`leaseFact` of the machine). */
export type LeaseFact = { readonly deadline: Instant | null; readonly guardianReady: boolean };

/**
 * The fact in one 64-bit word of shared memory, written by the heartbeat's thread and read by the agent's without a
 * message: a message would tell what was true when it was sent.
 */
export type LeaseCell = SharedArrayBuffer;

export function createLeaseCell(): LeaseCell {
  return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
}

export function writeLease(cell: LeaseCell, { deadline, guardianReady }: LeaseFact): void {
  const ready = guardianReady ? GUARDIAN_READY : 0n;
  // Rounded down: a deadline must not get later on its way.
  const known = deadline === null ? 0n : (BigInt(Math.floor(deadline * 1_000)) << FLAG_BITS) | HAS_DEADLINE;
  Atomics.store(new BigInt64Array(cell), 0, known | ready);
}

/** A cell that nobody has written yet says: no deadline, no guardian. */
export function readLease(cell: LeaseCell): LeaseFact {
  const word = Atomics.load(new BigInt64Array(cell), 0);
  return {
    deadline: (word & HAS_DEADLINE) === 0n ? null : instant(Number(word >> FLAG_BITS) / 1_000),
    guardianReady: (word & GUARDIAN_READY) !== 0n,
  };
}

const GUARDIAN_READY = 1n;
const HAS_DEADLINE = 2n;
const FLAG_BITS = 2n;
