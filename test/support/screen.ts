/** No sequence of ours is longer. */
const SEQUENCE_MAX = 16;

/**
 * What a terminal shows of the few sequences that the playground writes; anything else is an error. Text beyond the last
 * column is remembered: a real terminal would wrap or lose it.
 */
export class TerminalScreen {
  #columns: number;
  #rows: number;
  #next: { readonly columns: number; readonly rows: number } | null = null;
  #cells: string[][] = [];
  #x = 0;
  #y = 0;
  #rest = '';
  #mode: 'ours' | 'own' = 'own';
  /** Each piece of text that did not fit, with its line. */
  readonly overflows: string[] = [];
  /** How often the program cleared the whole screen. */
  clears = 0;

  constructor(size: { readonly columns: number; readonly rows: number }) {
    this.#columns = size.columns;
    this.#rows = size.rows;
    this.#clear();
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#columns, rows: this.#rows };
  }

  /** From the next time that the program clears the screen: what it has sent before was meant for the old size. */
  resize(size: { readonly columns: number; readonly rows: number }): void {
    this.#next = size;
  }

  /** Is the program's own screen (the alternate one) shown? */
  get isProgramShown(): boolean {
    return this.#mode === 'ours';
  }

  get lines(): readonly string[] {
    return this.#cells.map((row) => row.join('').trimEnd());
  }

  get text(): string {
    return this.lines.join('\n');
  }

  feed(chunk: string): void {
    const input = this.#rest + chunk;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one.
    const tokens = /\x1b\[([?0-9;]*)([A-Za-z])|([^\x1b])/y;
    let end = 0;
    for (let token = tokens.exec(input); token !== null; token = tokens.exec(input)) {
      end = tokens.lastIndex;
      const [, parameters = '', command, character] = token;
      if (character !== undefined) this.#put(character);
      else this.#obey(`${parameters.startsWith('?') ? '?' : ''}${command}`, parameters.replace('?', ''));
    }
    // The end of a sequence that this piece of output cuts in two comes with the next one.
    this.#rest = input.slice(end);
    if (this.#rest.length > SEQUENCE_MAX) throw new Error(`not understood: ${JSON.stringify(this.#rest)}`);
  }

  #obey(command: string, parameters: string): void {
    switch (command) {
      case 'H': {
        const [row = 1, column = 1] = parameters.split(';').map(Number);
        if (row > this.#rows) this.overflows.push(`line ${row} of ${this.#rows}`);
        [this.#y, this.#x] = [row - 1, column - 1];
        break;
      }
      case 'J':
        this.clears += 1;
        this.#clear();
        break;
      case 'K':
        // Behind a full line the cursor stays on its last column.
        this.#cells[this.#y]?.fill(' ', parameters === '2' ? 0 : Math.min(this.#x, this.#columns - 1));
        break;
      case '?h':
      case '?l':
        if (parameters === '1049') this.#mode = command === '?h' ? 'ours' : 'own';
        break;
      case 'm':
        break;
      default:
        throw new Error(`not understood: ${command} ${parameters}`);
    }
  }

  #put(character: string): void {
    if (this.#mode === 'own') return;
    const row = this.#cells[this.#y];
    if (row === undefined || this.#x >= this.#columns) this.overflows.push(`${character} at ${this.#y}:${this.#x}`);
    else row[this.#x] = character;
    this.#x += 1;
  }

  #clear(): void {
    if (this.#next !== null) ({ columns: this.#columns, rows: this.#rows } = this.#next);
    this.#next = null;
    this.#cells = Array.from({ length: this.#rows }, () => Array<string>(this.#columns).fill(' '));
  }
}
