/** Can anything more be written to a server's disk? */
export class DiskSpace {
  #space: 'free' | 'full' = 'free';

  get isFull(): boolean {
    return this.#space === 'full';
  }

  fill(): void {
    this.#space = 'full';
  }

  free(): void {
    this.#space = 'free';
  }
}

/** What PostgreSQL and its tools say then. */
export const NO_SPACE = 'No space left on device';
