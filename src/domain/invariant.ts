/** Thrown when a sentence that must hold does not: a defect of ours, never an outcome of the world. */
export class Defect extends Error {
  override readonly name = 'Defect';
}

/** @throws Defect when `condition` is false. Stays on in production. */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Defect(`this must hold, and does not: ${sentence}`);
}

/** Proves at compile time that every case of a union was named. */
export function assertNever(value: never): never {
  throw new Defect(`a case that nobody named: ${JSON.stringify(value)}`);
}
