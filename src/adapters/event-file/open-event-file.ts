import { open, readFile, rename } from 'node:fs/promises';
import type { HistoryEvent } from '../../domain/history-event.ts';
import type { EventHistory } from '../../ports/event-history.ts';
import { parseJson, renderJson } from '../../wire/json.ts';
import { readEvent } from '../../wire/rest/events-document.ts';

/** A full file is put aside as `<path>.1`, in the place of the one before it: a history takes twice this on disk. */
const FILE_BYTES_MAX = 256 * 1024;
/** How many events are kept in memory, and how many may wait for a slow disk: the oldest go first. */
const EVENTS_MAX = 1_000;
/** An event whose facts are longer is kept without them. */
const LINE_BYTES_MAX = 8 * 1024;

/**
 * A history in a file of lines, read now and appended to. Nothing waits for the disk: `newest` answers from memory, and where
 * the file cannot be written the history ends with the agent.
 */
export async function openEventFile(options: EventFileOptions): Promise<EventHistory> {
  const file = new EventFile(options);
  await file.read();
  return file;
}

type EventFileOptions = {
  readonly path: string;
  /** Told once, when the file cannot be read or written (any more). */
  readonly onTrouble: (reason: string) => void;
  /** For tests; else the limits above. */
  readonly limits?: { readonly fileBytes: number; readonly events: number };
};

class EventFile implements EventHistory {
  readonly #options: EventFileOptions;
  readonly #limits: { readonly fileBytes: number; readonly events: number };
  readonly #events: HistoryEvent[] = [];
  #waiting: string[] = [];
  #writing: 'no' | 'yes' | 'given-up' = 'no';
  #bytes = 0;

  constructor(options: EventFileOptions) {
    this.#options = options;
    this.#limits = options.limits ?? { fileBytes: FILE_BYTES_MAX, events: EVENTS_MAX };
  }

  async read(): Promise<void> {
    const { path } = this.#options;
    try {
      const [before, text] = [await textOf(`${path}.1`), await textOf(path)];
      this.#bytes = text.length;
      // Whoever wrote before may have been killed in the middle of a line, and half a line is none.
      if (text !== '' && !text.endsWith('\n')) this.#waiting.push('');
      for (const event of [...eventsIn(before), ...eventsIn(text)]) this.#keep(event);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  record(event: HistoryEvent): void {
    const { kept, line } = bounded(event);
    this.#keep(kept);
    if (this.#writing === 'given-up') return;
    this.#waiting.push(line);
    if (this.#waiting.length > this.#limits.events) this.#waiting.shift();
    if (this.#writing === 'no') void this.#write();
  }

  newest(limit: number | null): readonly HistoryEvent[] {
    return limit === 0 ? [] : this.#events.slice(limit === null ? 0 : -limit);
  }

  #keep(event: HistoryEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#limits.events) this.#events.shift();
  }

  async #write(): Promise<void> {
    this.#writing = 'yes';
    const { path } = this.#options;
    try {
      while (this.#waiting.length > 0) {
        if (this.#bytes > this.#limits.fileBytes) {
          await rename(path, `${path}.1`);
          this.#bytes = 0;
        }
        const text = this.#waiting.map((line) => `${line}\n`).join('');
        this.#waiting = [];
        await appendDurably(path, text);
        this.#bytes += text.length;
      }
      this.#writing = 'no';
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #giveUp(error: unknown): void {
    this.#writing = 'given-up';
    this.#waiting = [];
    this.#options.onTrouble(error instanceof Error ? error.message : String(error));
  }
}

async function appendDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function eventsIn(text: string): readonly HistoryEvent[] {
  return text.split('\n').flatMap((line) => {
    const parsed = line === '' ? null : parseJson(line);
    return parsed?.kind === 'parsed' ? (readEvent(parsed.json) ?? []) : [];
  });
}

/** In memory, too: what a failing command has said may be a quarter of a megabyte, each time. */
function bounded(event: HistoryEvent): { readonly kept: HistoryEvent; readonly line: string } {
  const line = renderJson({ ...event });
  if (line.length <= LINE_BYTES_MAX) return { kept: event, line };
  const kept = { ...event, facts: { left_out: 'too long to be kept' } };
  return { kept, line: renderJson(kept) };
}
