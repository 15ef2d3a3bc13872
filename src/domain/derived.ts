/** A derivation of one object, made when it is first asked for and kept as long as that object: objects here do not change. */
export function derived<Source extends object, Result extends Defined>(
  derive: (source: Source) => Result,
): (source: Source) => Result {
  const known = new WeakMap<Source, Result>();
  return (source) => {
    const kept = known.get(source);
    if (kept !== undefined) return kept;
    const result = derive(source);
    known.set(source, result);
    return result;
  };
}

type Defined = object | string | boolean | null;

/** The same of several things: kept with the first of them, for the others that it was last asked for with. */
export function derivedTogether<Source extends object, Others extends readonly unknown[], Result>(
  derive: (source: Source, ...others: Others) => Result,
): (source: Source, ...others: Others) => Result {
  const known = new WeakMap<Source, { readonly others: Others; readonly result: Result }>();
  return (source, ...others) => {
    const kept = known.get(source);
    if (kept?.others.every((each, index) => each === others[index]) === true) return kept.result;
    const result = derive(source, ...others);
    known.set(source, { others, result });
    return result;
  };
}
