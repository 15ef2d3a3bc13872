/** Exit status as a shell has it for a command that a signal ended. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: string, number: number) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + number;
  }
}

/** Asks everything to end, instead of ending it: somebody has to clean up. */
export function interruptions(): () => Error | null {
  let interruption: Error | null = null;
  for (const [signal, number] of [
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.on(signal, () => (interruption ??= new Interrupted(signal, number)));
  }
  // So does a defect in whatever nobody waits for.
  process.on('uncaughtException', (error) => (interruption ??= error));
  return () => interruption;
}
