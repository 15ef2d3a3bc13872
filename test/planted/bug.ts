import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A small mistake to be made in the product's sources, to see whether a checker notices. */
export type PlantedBug = {
  readonly name: string;
  /** The mistake in one sentence. */
  readonly says: string;
  /** The checkers that are there to notice it. */
  readonly seenBy: readonly string[];
  readonly edits: readonly Edit[];
};

/** In `file` (from the root of the project) `was` is replaced by `is`. */
export type Edit = { readonly file: string; readonly was: string; readonly is: string };

const folder = join(import.meta.dirname, 'bugs');

/** All of them, by name. */
export function plantedBugs(): readonly PlantedBug[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.bug'))
    .toSorted()
    .map((name) => readBug(basename(name, '.bug'), readFileSync(join(folder, name), 'utf8')));
}

/**
 * ```
 * The mistake in one sentence.
 * seen by: one-holder, one-acknowledges
 *
 * === src/heartbeat/lock-write.ts
 * --- was
 * when: [{ kind: 'absent', key: LOCK_KEY }],
 * --- is
 * when: [],
 * ```
 * Replacements, not unified diffs: they survive when lines move, and fail when what they change is there no more.
 * @throws When the text is not of this form.
 */
export function readBug(name: string, text: string): PlantedBug {
  const [head = '', ...sections] = text.split(/^=== /m);
  const parts = /^(?<says>.+)\nseen by: (?<seenBy>.+)\n/.exec(head)?.groups;
  if (parts === undefined) throw new Error(`${name}: the first two lines must say the mistake and who should see it`);
  const edits = sections.flatMap((section) => editsIn(name, section));
  if (edits.length === 0) throw new Error(`${name}: no edit`);
  return { name, says: parts['says'] ?? '', seenBy: (parts['seenBy'] ?? '').split(', '), edits };
}

function editsIn(name: string, section: string): readonly Edit[] {
  const [file = '', ...pairs] = section.split(/^--- was\n/m);
  if (pairs.length === 0) throw new Error(`${name}: ${file.trim()} has no "--- was"`);
  return pairs.map((pair) => {
    const [was = '', is, ...more] = pair.split(/^--- is\n/m);
    if (is === undefined || more.length > 0) throw new Error(`${name}: each "--- was" needs one "--- is"`);
    return { file: file.trim(), was: was.trim(), is: is.trim() };
  });
}

/**
 * The source with the edits made. How lines are broken and indented does not matter.
 * @throws DoesNotFit When a passage is missing, or is there more than once.
 */
export function planted(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { file, was, is }) => {
    const places = [...text.matchAll(passage(was))];
    const [place] = places;
    if (place === undefined || places.length > 1) {
      throw new DoesNotFit(`${file} has this passage ${String(places.length)} times instead of once:\n${was}`);
    }
    return text.slice(0, place.index) + is + text.slice(place.index + place[0].length);
  }, source);
}

/** The sources have moved on: the bug has to be told anew. */
export class DoesNotFit extends Error {}

/** Word by word and sign by sign, with any white space between them. */
function passage(was: string): RegExp {
  const tokens = was.match(/\w+|[^\w\s]/g) ?? [];
  return new RegExp(tokens.map((token) => token.replace(/\W/, '\\$&')).join('\\s*'), 'g');
}
