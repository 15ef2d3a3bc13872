import type { Json } from '../../domain/json.ts';
import { isJsonList, isJsonObject } from '../../domain/json.ts';
import { type BaseUnit, parseInteger } from '../../domain/quantity.ts';
import { textForm } from '../../domain/text-form.ts';

/** What is wrong with one option, in the words of Patroni's validator, which scripts look for. */
export type Finding = {
  readonly path: readonly string[];
  /** As it is printed between path and reason; empty where the reason says it. */
  readonly shown: string;
  readonly reason: string;
};

/** One option and its value, where it stands. */
export type Place = { readonly path: readonly string[]; readonly value: Json };

/** Judges one value. */
export type Check = (place: Place) => readonly Finding[];

/** `postgresql.listen 5 is not a string`; two blanks where no value is shown. */
export function describeFinding({ path, shown, reason }: Finding): string {
  return `${path.join('.')} ${shown} ${reason}`;
}

const NOTHING: readonly Finding[] = [];

/** Of another type than it has to be. */
export function wrong({ path, value }: Place, reason: string): readonly Finding[] {
  return [{ path, shown: textForm(value), reason }];
}

/** Of the right type, and no value that makes sense. */
export function failed(place: Place, reason: string): readonly Finding[] {
  return wrong(place, `didn't pass validation: ${reason}`);
}

export const text: Check = (place) => (typeof place.value === 'string' ? NOTHING : wrong(place, 'is not a string'));
export const flag: Check = (place) => (typeof place.value === 'boolean' ? NOTHING : wrong(place, 'is not a boolean'));
export const someMap: Check = (place) => (isJsonObject(place.value) ? NOTHING : wrong(place, 'is not a dictionary'));
/** A boolean passes as well, as it does in Patroni. */
export const whole: Check = (place) => (isWhole(place.value) ? NOTHING : wrong(place, 'is not an integer'));

/** An integer from `min` to `max`; `typed`: written as one, and not as a text of digits. */
export function integer(range: {
  readonly min?: number;
  readonly max?: number;
  readonly unit?: BaseUnit;
  readonly typed?: true;
}): Check {
  return (place) => {
    if (range.typed === true && !isWhole(place.value)) return wrong(place, 'is not an integer');
    const number = parseInteger(place.value, range.unit ?? null);
    const isInside =
      number !== null && number >= (range.min ?? Number.NEGATIVE_INFINITY) && number <= (range.max ?? Number.MAX_VALUE);
    return isInside ? NOTHING : failed(place, 'Wrong value');
  };
}

/** A number that `accepts` likes. */
export function real(accepts: (number: number) => boolean): Check {
  return (place) => {
    if (typeof place.value !== 'number') return wrong(place, 'is not a number');
    return accepts(place.value) ? NOTHING : failed(place, 'Wrong value');
  };
}

export function oneOf(values: readonly Json[], spelling: 'exact' | 'any-case' = 'exact'): Check {
  const plain = (value: Json): Json =>
    spelling === 'any-case' && typeof value === 'string' ? value.toLowerCase() : value;
  return (place) => (values.includes(plain(place.value)) ? NOTHING : failed(place, 'Wrong value'));
}

/** Each item of a list, each at its index. */
export function listOf(item: Check, mayBeEmpty = true): Check {
  return (place) => {
    if (!isJsonList(place.value)) return wrong(place, 'is not a list');
    if (place.value.length === 0 && !mayBeEmpty) return wrong(place, 'is an empty list');
    const found = place.value.map((value, at) => item({ path: [...place.path, String(at)], value }));
    return found.flat();
  };
}

/** Whichever has the value's shape; where none has, each says so. */
export function either(shapes: {
  readonly text?: Check;
  readonly integer?: Check;
  readonly list?: Check;
  readonly map?: Check;
}): Check {
  return (place) => {
    const { value } = place;
    if (shapes.text !== undefined && typeof value === 'string') return shapes.text(place);
    if (shapes.integer !== undefined && isWhole(value)) return shapes.integer(place);
    if (shapes.list !== undefined && isJsonList(value)) return shapes.list(place);
    if (shapes.map !== undefined && isJsonObject(value)) return shapes.map(place);
    return SHAPES.filter(([shape]) => shapes[shape] !== undefined).flatMap(([, reason]) => wrong(place, reason));
  };
}

const SHAPES = [
  ['integer', 'is not an integer'],
  ['text', 'is not a string'],
  ['list', 'is not a list'],
  ['map', 'is not a dictionary'],
] as const;

function isWhole(value: Json): boolean {
  return typeof value === 'boolean' || typeof value === 'bigint' || Number.isInteger(value);
}
