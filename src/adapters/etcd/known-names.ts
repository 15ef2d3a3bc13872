import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Millis, millis } from '../../domain/time.ts';
import type { LookUp } from '../../ports/names.ts';
import { within } from './within.ts';

/** How long a name that was found before is asked for anew, until it is taken to lead where it led. */
const PATIENCE: Millis = millis(100);

/**
 * Where the names of the store's members lead. A name server that is away, or slow (of two the first is down: 5 s for each
 * name), must not keep anybody from a store that is there: what was found before counts until something else is found, and
 * a question that outlasts a connection's time goes on for the next one. Each name is asked for once at a time, since the
 * machine answers few such questions at once, and those of given up connections would be before all others.
 */
export class KnownNames {
  readonly #lookUp: LookUp;
  readonly #found = new Map<string, readonly string[]>();
  readonly #asking = new Map<string, Promise<readonly string[]>>();

  constructor(lookUp: LookUp = lookUpPatiently) {
    this.#lookUp = lookUp;
  }

  /** @throws What looking it up threw, where it never led anywhere. */
  async addressesOf(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    const asked = this.#ask(host);
    const before = this.#found.get(host);
    if (before === undefined) return asked;
    const orBefore = asked.catch(() => before);
    return within(orBefore, PATIENCE, () => before);
  }

  /** Asked for, and not found so far. */
  isAwaited(host: string): boolean {
    return this.#asking.has(host) && !this.#found.has(host);
  }

  #ask(host: string): Promise<readonly string[]> {
    const underway = this.#asking.get(host);
    if (underway !== undefined) return underway;
    const asking = this.#lookUp(host)
      .then((addresses) => {
        this.#found.set(host, addresses);
        return addresses;
      })
      .finally(() => this.#asking.delete(host));
    this.#asking.set(host, asking);
    return asking;
  }
}

/** As the machine itself resolves names, for as long as that takes. */
const lookUpPatiently: LookUp = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);
