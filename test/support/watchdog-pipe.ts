import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, rmSync } from 'node:fs';
import { monotonicMs } from './wait.ts';

/** What was written to the pipe, and when it was read: a few milliseconds later. */
export type WatchdogWrite =
  | { readonly kind: 'time-out'; readonly at: number; readonly seconds: number }
  | { readonly kind: 'feed' | 'close'; readonly at: number };

/** A pipe in the place of a watchdog device, read as Patroni's tests read theirs; it models when the device would fire. */
export class WatchdogPipe {
  readonly path: string;
  readonly writes: WatchdogWrite[] = [];
  #file: number | null = null;
  #rest = '';
  #timer: NodeJS.Timeout | null = null;
  #timeoutMs = 60_000;

  constructor(path: string) {
    this.path = path;
  }

  /** It is there, for everybody to write to. */
  appear(): void {
    execFileSync('mkfifo', ['-m', '666', this.path]);
    this.#file = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#timer = setInterval(() => this.#read(), LOOK_EVERY_MS);
  }

  vanish(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#file !== null) closeSync(this.#file);
    this.#timer = null;
    this.#file = null;
    rmSync(this.path, { force: true });
  }

  /** When a device would reset its machine unless something more comes; `null`: it was closed, or never opened. */
  get firesAt(): number | null {
    const last = this.writes.at(-1);
    return last === undefined || last.kind === 'close' ? null : last.at + this.#timeoutMs;
  }

  /** The longest that it went unfed while it was open. */
  get longestGapMs(): number {
    const gaps = this.writes.map((write, index) => {
      const before = this.writes[index - 1];
      return before === undefined || before.kind === 'close' ? 0 : write.at - before.at;
    });
    return Math.max(0, ...gaps);
  }

  since(at: number, kind: WatchdogWrite['kind']): readonly WatchdogWrite[] {
    return this.writes.filter((each) => each.at > at && each.kind === kind);
  }

  #read(): void {
    const buffer = Buffer.alloc(4_096);
    for (let count = this.#some(buffer); count > 0; count = this.#some(buffer)) {
      this.#understand(this.#rest + buffer.toString('latin1', 0, count));
    }
  }

  /** Nobody may have it open at the moment, or have written. */
  #some(buffer: Buffer): number {
    try {
      return this.#file === null ? 0 : readSync(this.#file, buffer);
    } catch {
      return 0;
    }
  }

  #understand(text: string): void {
    const at = monotonicMs();
    this.#rest = text;
    for (let found = WRITE.exec(this.#rest); found !== null; found = WRITE.exec(this.#rest)) {
      this.#rest = this.#rest.slice(found[0].length);
      const seconds = found[1] === undefined ? null : Number(found[1]);
      if (seconds !== null) this.#timeoutMs = seconds * 1_000;
      this.writes.push(
        seconds === null ? { kind: found[0] === 'V' ? 'close' : 'feed', at } : { kind: 'time-out', at, seconds },
      );
    }
  }
}

const WRITE = /^(?:Ctimeout=(\d+)\n|[1V])/;
const LOOK_EVERY_MS = 10;
