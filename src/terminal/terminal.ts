import type { ReadStream, WriteStream } from 'node:tty';
import type { Line, Style } from './line.ts';
import type { Size } from './size.ts';

/**
 * The whole screen of a terminal, until `restore`. Draws only the lines that changed, so nothing flickers. Keys come one
 * by one and are not echoed.
 */
export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #colors: 'colored' | 'plain';
  readonly #resized: () => void;
  readonly #pressed: (chunk: Buffer) => void;
  /** What is on the screen; `null`: unknown, as after a resize. */
  #shown: readonly string[] | null = null;
  #isOurs = true;

  constructor(options: {
    readonly input: ReadStream;
    readonly output: WriteStream;
    readonly colors: 'colored' | 'plain';
    /** With the characters typed; an escape sequence of a special key comes as a whole. */
    readonly onKey: (key: string) => void;
    readonly onResize: () => void;
  }) {
    this.#input = options.input;
    this.#output = options.output;
    this.#colors = options.colors;
    this.#resized = () => {
      this.#shown = null;
      options.onResize();
    };
    this.#pressed = (chunk) => keysOf(chunk.toString()).forEach(options.onKey);
    this.#output.on('resize', this.#resized).on('error', ignore);
    this.#input.setRawMode(true).on('data', this.#pressed).on('error', ignore);
    this.#output.write(`${OTHER_SCREEN}${NO_CURSOR}${NO_WRAP}`);
  }

  /** A terminal that knows no size says 0: a serial console, or one that a program opened. */
  get size(): Size {
    const { columns, rows } = this.#output;
    return { columns: columns > 0 ? columns : USUAL.columns, rows: rows > 0 ? rows : USUAL.rows };
  }

  draw(lines: readonly Line[]): void {
    if (!this.#isOurs) return;
    const next = lines.map((line) => line.map((span) => colored(span, this.#colors)).join(''));
    const shown = this.#shown;
    const changed = next.flatMap((text, index) =>
      shown?.[index] === text ? [] : [`${toRow(index)}${LINE_AWAY}${text}`],
    );
    this.#shown = next;
    const all = [...(shown === null ? [ALL_AWAY] : []), ...changed];
    if (all.length > 0) this.#output.write(all.join(''));
  }

  /** As it was before. To be called however the program ends; a second call does nothing. */
  restore(): void {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    this.#output.off('resize', this.#resized);
    this.#input.off('data', this.#pressed).pause();
    ifThere(() => this.#input.setRawMode(false));
    ifThere(() => this.#output.write(`${WRAP}${CURSOR}${OWN_SCREEN}`));
  }
}

const USUAL: Size = { columns: 80, rows: 24 };

/** Each character is a key, an escape sequence is one. */
export function keysOf(typed: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what such a sequence begins with.
  return typed.match(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1bO.|[^]/g) ?? [];
}

function colored({ text, style }: Line[number], colors: 'colored' | 'plain'): string {
  const code = colors === 'colored' ? codes[style] : codesWithoutColor[style];
  return code === '' ? text : `\x1b[${code}m${text}\x1b[0m`;
}

/** Select Graphic Rendition; only the eight colors that every terminal has and every theme keeps readable. */
const codes: Readonly<Record<Style, string>> = {
  plain: '',
  bold: '1',
  dim: '2',
  good: '32',
  bad: '1;31',
  warn: '33',
  ours: '36',
};

const codesWithoutColor: Readonly<Record<Style, string>> = {
  plain: '',
  bold: '1',
  dim: '',
  good: '',
  bad: '1',
  warn: '',
  ours: '',
};

function toRow(index: number): string {
  return `\x1b[${index + 1};1H`;
}

const OTHER_SCREEN = '\x1b[?1049h';
const OWN_SCREEN = '\x1b[?1049l';
const NO_CURSOR = '\x1b[?25l';
const CURSOR = '\x1b[?25h';
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const ALL_AWAY = '\x1b[2J';
/** Before the text: behind one that fills the line, the cursor still stands on its last character, which would go. */
const LINE_AWAY = '\x1b[2K';

/** The terminal may be gone already: its window was closed. */
function ifThere(use: () => unknown): void {
  try {
    use();
  } catch {
    // Then there is nothing to restore.
  }
}

function ignore(): void {}
