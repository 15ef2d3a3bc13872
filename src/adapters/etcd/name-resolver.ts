import { experimental, Metadata, status } from '@grpc/grpc-js';
import { invariant } from '../../domain/invariant.ts';
import { KnownNames } from './known-names.ts';

type Constructor = Parameters<typeof experimental.registerResolver>[1];
type Options = ConstructorParameters<Constructor>;

const SCHEME = 'known';
const OPTION = 'matriarch.names';

/** What has a channel find its `host:port` by `names`, instead of by gRPC's own resolver. */
export function foundBy(
  names: KnownNames,
  address: string,
): { readonly target: string; readonly options: Record<string, KnownNames> } {
  experimental.registerResolver(SCHEME, NameResolver);
  return { target: `${SCHEME}:${address}`, options: { [OPTION]: names } };
}

class NameResolver implements experimental.Resolver {
  readonly #names: KnownNames;
  readonly #path: string;
  readonly #listener: Options[1];
  #isAsked = false;
  #isWanted = false;

  static getDefaultAuthority({ path }: experimental.GrpcUri): string {
    return path;
  }

  constructor({ path }: Options[0], listener: Options[1], options: Options[2]) {
    const names: unknown = options[OPTION];
    invariant(names instanceof KnownNames, 'whoever names this scheme says who knows the names');
    this.#names = names;
    this.#path = path;
    this.#listener = listener;
  }

  /** Once: a connection that broke is given up, and where nobody listens gRPC would ask again and again. */
  updateResolution(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#isWanted = true;
    void this.#resolve();
  }

  destroy(): void {
    this.#isWanted = false;
  }

  async #resolve(): Promise<void> {
    const found = await this.#found();
    if (this.#isWanted) this.#listener(found, {}, null, '');
  }

  async #found(): Promise<experimental.StatusOr<experimental.Endpoint[]>> {
    const { host, port } = experimental.splitHostPort(this.#path) ?? { host: this.#path };
    try {
      const addresses = await this.#names.addressesOf(host);
      // As endpoints of their own: one after the other is tried, and none is waited for alone.
      const endpoints = addresses.map((address) => ({ addresses: [{ host: address, port: port ?? 0 }] }));
      return experimental.statusOrFromValue(endpoints);
    } catch (error) {
      const details = `name resolution failed for ${host}: ${error instanceof Error ? error.message : String(error)}`;
      return experimental.statusOrFromError({ code: status.UNAVAILABLE, details, metadata: new Metadata() });
    }
  }
}
