import { invariant } from '../domain/invariant.ts';

/**
 * Run simulated code with everything out of its reach that would make a run depend on more than its seed: real time,
 * real timers, real chance, sockets, the process. What is touched throws with its name. The import rules keep out
 * whatever must be imported (`simulator-is-bare`, `machines-are-bare`); this holds for what is global.
 */
export function sealed<T>(run: () => T): T {
  const undo = GLOBALS.flatMap(([path, names]) => names.map((name) => replace(path, name)));
  try {
    return run();
  } finally {
    for (const putBack of undo.toReversed()) putBack();
  }
}

/** Where it is found, and what must not be used there. */
const GLOBALS: readonly (readonly [path: string, names: readonly string[]])[] = [
  ['', ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'WebSocket', 'EventSource', 'Worker']],
  ['', ['Date']],
  ['Math', ['random']],
  ['performance', ['now', 'timeOrigin']],
  ['crypto', ['getRandomValues', 'randomUUID']],
  ['process', ['hrtime', 'uptime', 'nextTick', 'cpuUsage', 'kill', 'getBuiltinModule', 'env']],
];

function replace(path: string, name: string): () => void {
  const holder: unknown = path === '' ? globalThis : Reflect.get(globalThis, path);
  if (typeof holder !== 'object' || holder === null) return () => undefined;
  const before = Reflect.getOwnPropertyDescriptor(holder, name);
  const own: unknown = before?.value;
  const isDate = name === 'Date' && typeof own === 'function';
  const value = isDate ? withoutNow(own) : trap(path === '' ? name : `${path}.${name}`);
  Reflect.defineProperty(holder, name, { configurable: true, enumerable: true, writable: true, value });
  return () => {
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Reflect.defineProperty(holder, name, before);
  };
}

/** A date that is given its instant is arithmetic; one that asks for the present is not. */
function withoutNow(date: object): object {
  return new Proxy(date, {
    apply: () => refuse('Date()'),
    construct: (target, given: readonly unknown[]): object => {
      if (given.length === 0) refuse('new Date()');
      invariant(typeof target === 'function', 'Date is a constructor');
      const made: unknown = Reflect.construct(target, given);
      invariant(typeof made === 'object' && made !== null, 'what it constructs is a date');
      return made;
    },
    get: (target, name): unknown => (name === 'now' ? refuse('Date.now') : Reflect.get(target, name)),
  });
}

function trap(name: string): object {
  const refuseIt = (): never => refuse(name);
  return new Proxy(refuseIt, { apply: refuseIt, construct: refuseIt, get: refuseIt });
}

function refuse(name: string): never {
  invariant(false, `simulated code used ${name}: a run depends on its seed alone`);
}
