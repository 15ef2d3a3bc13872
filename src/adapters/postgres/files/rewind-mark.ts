import { isMarked, markPath, removeMark, setMark } from './mark.ts';

const TEXT =
  'Matriarch was rewinding the data directory beside this file and has not finished: nothing is started from it before it ' +
  'was rewound again, or copied anew. Whoever puts a data directory there by hand removes this file.\n';

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

  async set(): Promise<void> {
    this.#isSetHere = true;
    await setMark(this.#dataDir, this.#path, TEXT);
  }

  /** It was rewound to the end, its files are as they were, or others lie there now. */
  async clear(): Promise<void> {
    this.#isSetHere = false;
    await removeMark(this.#dataDir, this.#path);
  }
}
