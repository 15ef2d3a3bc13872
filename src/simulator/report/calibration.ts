/**
 * A fixed piece of work that has nothing to do with the simulator, but is made of the same things: small objects, maps
 * by text, closures, big integers. How often a machine does it in a second says how fast the machine is at this moment,
 * and what a rate of simulation is worth.
 * @returns A number that depends on all of the work, so that none of it can be left out.
 */
export function calibrationRound(): number {
  let sum = 0;
  let state: Shape = { name: 'n0', at: 0, position: 1n, parts: new Map() };
  for (let step = 0; step < STEPS; step += 1) {
    const name = `n${step % NAMES}`;
    const before = state;
    const change = (by: number): Shape => ({ ...before, name, at: before.at + by, position: before.position + 3n });
    state = change(step % 7);
    state = { ...state, parts: including(state.parts, name, step) };
    sum = (Math.imul(sum, 31) + state.at + (state.parts.get('n3') ?? 0)) | 0;
  }
  return sum + Number(state.position % 1000n);
}

type Shape = {
  readonly name: string;
  readonly at: number;
  readonly position: bigint;
  readonly parts: ReadonlyMap<string, number>;
};

function including(parts: Shape['parts'], name: string, value: number): Shape['parts'] {
  return parts.get(name) === value ? parts : new Map(parts).set(name, value);
}

const STEPS = 5_000;
const NAMES = 8;
