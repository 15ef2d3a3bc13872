import type { Command, Target } from './command.ts';

/**
 * A session that a seed draws: keys in any order with a wait after each, both counted as actions; of thirty, every key
 * comes at least twice. In the end everything is brought back and has to heal.
 */
export function randomSession(drawn: { readonly seed: number; readonly actions: number }): readonly Command[] {
  const draw = numbersFrom(drawn.seed);
  const presses = Array.from(
    { length: Math.ceil(drawn.actions / 2) },
    (_, index) => keys[index % keys.length] ?? 'back',
  );
  let isPaused = false;
  const commands = shuffled(presses, draw).flatMap((key): readonly Command[] => {
    if (key === 'pause') isPaused = !isPaused;
    return [commandOf(key, { isPaused, draw }), { kind: 'wait', ms: Math.floor(draw() * draw() * LONGEST_WAIT_MS) }];
  });
  return [...commands.slice(0, drawn.actions), ...ending];
}

/** As on the keyboard, where one key pauses and resumes. */
const keys = ['kill-postgres', 'kill-node', 'freeze', 'cut', 'back', 'switchover', 'pause'] as const;
const targets: readonly Target[] = ['leader', 'replica', 'node1', 'node2', 'node3'];

/** Squared, so that most are short and some outlast a lease. */
const LONGEST_WAIT_MS = 9_000;

const ending: readonly Command[] = [
  { kind: 'bring-back', target: 'all' },
  { kind: 'resume' },
  { kind: 'wait-healed', withinMs: 120_000 },
];

function commandOf(
  key: (typeof keys)[number],
  { isPaused, draw }: { readonly isPaused: boolean; readonly draw: () => number },
): Command {
  switch (key) {
    case 'kill-postgres':
    case 'kill-node':
    case 'freeze':
    case 'cut':
      return { kind: key, target: targets[Math.floor(draw() * targets.length)] ?? 'leader' };
    case 'back':
      return { kind: 'bring-back', target: 'all' };
    case 'switchover':
      return { kind: 'switchover' };
    case 'pause':
      return { kind: isPaused ? 'pause' : 'resume' };
  }
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], draw: () => number): readonly T[] {
  const left = [...values];
  return values.flatMap(() => left.splice(Math.floor(draw() * left.length), 1));
}

/** From 0 to just below 1, the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
