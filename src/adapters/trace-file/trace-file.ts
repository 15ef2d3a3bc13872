import { createWriteStream, fstatSync, openSync, renameSync, type WriteStream } from 'node:fs';
import { TRACE_VERSION, type TracedMachine, type TraceLine, type Tracer } from '../../ports/trace.ts';
import { encodeTrace } from '../../wire/trace-text.ts';

/** A full file is put aside as `<path>.1`, in the place of the one before it: a trace takes twice this on disk. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** What may wait for the disk; steps beyond it are dropped, and counted. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/**
 * A machine's trace in a file, appended to what is there. Nothing waits for the disk: what it is too slow for is
 * dropped, and the trace goes on from the state of then, so that it still replays.
 */
export function createTraceFile<Start, State, Step>(options: TraceFileOptions): Tracer<Start, State, Step> {
  return new TraceFile(options);
}

type TraceFileOptions = {
  readonly path: string;
  readonly machine: TracedMachine;
  /** Told once, when the file cannot be written (any more). */
  readonly onTrouble: (reason: string) => void;
  /** For tests; else the limits above. */
  readonly limits?: Limits;
};

type Limits = { readonly fileBytes: number; readonly waitingBytes: number };

class TraceFile<Start, State, Step> implements Tracer<Start, State, Step> {
  readonly #options: TraceFileOptions;
  readonly #limits: Limits;
  /** `null`: it broke, and nothing is written any more. A full disk must not end what is traced. */
  #stream: WriteStream | null;
  #bytes = 0;
  #steps = 0;
  #dropped = 0;

  constructor(options: TraceFileOptions) {
    this.#options = options;
    this.#limits = options.limits ?? { fileBytes: FILE_BYTES_MAX, waitingBytes: WAITING_BYTES_MAX };
    this.#stream = this.#open();
  }

  began(start: Start): void {
    // Whoever wrote before may have been killed in the middle of a line.
    const before = this.#bytes > 0 ? '\n' : '';
    this.#write({ trace: TRACE_VERSION, machine: this.#options.machine, start }, before);
  }

  stepped(step: Step, state: State): void {
    if (this.#stream === null) return;
    this.#steps += 1;
    if (this.#stream.writableLength > this.#limits.waitingBytes) {
      this.#dropped += 1;
    } else if (this.#dropped > 0) {
      this.#resume(state, this.#dropped + 1);
      this.#dropped = 0;
    } else {
      this.#write({ step: this.#steps, ...step });
      if (this.#bytes > this.#limits.fileBytes) this.#putAside(state);
    }
  }

  #resume(state: State, dropped: number): void {
    this.#write({ trace: TRACE_VERSION, machine: this.#options.machine, resumed: state, dropped });
  }

  #write(line: TraceLine<Start, State, Step>, before = ''): void {
    const text = `${before}${encodeTrace(line)}\n`;
    this.#bytes += text.length;
    this.#stream?.write(text);
  }

  #putAside(state: State): void {
    const { path } = this.#options;
    try {
      renameSync(path, `${path}.1`);
    } catch (error) {
      this.#breakOff(error);
      return;
    }
    this.#stream?.end();
    this.#stream = this.#open();
    this.#resume(state, 0);
  }

  #open(): WriteStream | null {
    const { path } = this.#options;
    try {
      const fd = openSync(path, 'a', 0o600);
      this.#bytes = fstatSync(fd).size;
      const stream = createWriteStream(path, { fd });
      stream.on('error', (error) => {
        if (stream === this.#stream) this.#breakOff(error);
      });
      return stream;
    } catch (error) {
      this.#breakOff(error);
      return null;
    }
  }

  #breakOff(error: unknown): void {
    this.#stream = null;
    this.#options.onTrouble(error instanceof Error ? error.message : String(error));
  }
}
