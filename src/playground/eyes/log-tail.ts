import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** A log that grows: each complete line is handed out once. */
export class LogTail {
  readonly #file: string;
  #offset = 0;

  constructor(file: string) {
    this.#file = file;
  }

  newLines(): readonly string[] {
    const fresh = Buffer.alloc(statSync(this.#file).size - this.#offset);
    const descriptor = openSync(this.#file, 'r');
    const count = readSync(descriptor, fresh, 0, fresh.length, this.#offset);
    closeSync(descriptor);
    const complete = fresh.subarray(0, fresh.subarray(0, count).lastIndexOf(0x0a) + 1);
    this.#offset += complete.length;
    return complete.toString().split('\n').slice(0, -1);
  }
}
