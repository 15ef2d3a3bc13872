import { isJsonObject } from '../../../domain/json.ts';
import { parseJson } from '../../../wire/json.ts';
import type { Histories } from './kept-histories.ts';
import { isMarked, markPath, removeMark, setMark } from './mark.ts';
import { readText } from './write-file.ts';

const TEXT =
  'Matriarch was rewinding the data directory beside this file and has not finished: nothing is started from it before it ' +
  'was rewound again, or copied anew. Whoever puts a data directory there by hand removes this file.\nHistory files as they were before:\n';

/**
 * Set while pg_rewind works in the data directory, and after it broke off in the middle: then files of two histories lie
 * there, from which a server might start and not notice. The mark is a file, since the agent may die as well. It lies
 * beside the directory and not inside, because pg_rewind removes what its source does not have; where that place is not
 * ours to write it lasts as long as this process.
 */
export class RewindMark {
  readonly #dataDir: string;
  readonly #path: string;
  #isSetHere = false;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#path = markPath(dataDir, 'rewinding');
  }

  get isSet(): boolean {
    return this.#isSetHere || isMarked(this.#dataDir, this.#path);
  }

  /** @param histories as they lie there; a mark that is set keeps those of before the first rewind. */
  async set(histories: Histories): Promise<void> {
    this.#isSetHere = true;
    await setMark(this.#dataDir, this.#path, `${TEXT}${JSON.stringify(histories)}\n`);
  }

  /** As they were before the first rewind, as far as that is known. */
  async histories(): Promise<Histories> {
    const text = isMarked(this.#dataDir, this.#path) ? await readText(this.#path) : null;
    return historiesFrom(text?.trimEnd().split('\n').at(-1) ?? '');
  }

  /** It was rewound to the end, its files are as they were, or others lie there now. */
  async clear(): Promise<void> {
    this.#isSetHere = false;
    await removeMark(this.#dataDir, this.#path);
  }
}

/** What was written by half is not refilled. */
function historiesFrom(line: string): Histories {
  const parsed = parseJson(line);
  if (parsed.kind === 'invalid' || !isJsonObject(parsed.json)) return {};
  const texts = Object.entries(parsed.json).filter((each): each is [string, string] => typeof each[1] === 'string');
  return Object.fromEntries(texts);
}
