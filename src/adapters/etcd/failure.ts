import { status } from '@grpc/grpc-js';

/** How a call ended that brought no answer of its own kind. Reasons are for people. */
export type CallFailure =
  /** The store answered and will not. Nothing was done, unless `isPerhapsDone`. */
  | { readonly kind: 'refused'; readonly reason: string; readonly isPerhapsDone?: true }
  /** The store answered: a lease named in the request does not exist. Nothing was done. */
  | { readonly kind: 'lease-gone'; readonly reason: string }
  /** Perhaps done, perhaps not. */
  | { readonly kind: 'no-answer'; readonly reason: string };

/** `token-refused`: nothing was done; a new token may help. Never leaves the adapter. */
export type RawFailure = CallFailure | { readonly kind: 'token-refused'; readonly reason: string };

/** A gRPC status other than OK, as the call's end or made up by the client (no connection, no time left). */
export type RpcError = { readonly code: number; readonly details: string };

/**
 * Read the texts first and the codes second: etcd labels some errors with a code that means something else. A learner has
 * no say yet, and 3.6 has it refuse where older ones have it unavailable; the other members answer. What is applied when the
 * quota is exceeded is done, and refused all the same.
 * What nobody named is `no-answer`, the reading that promises least.
 * @see spec/dcs.md 3.1.6
 */
export function failureOf(error: RpcError): RawFailure {
  const reason = readable(error);
  if (error.details.includes('requested lease not found')) return { kind: 'lease-gone', reason };
  if (TOKEN_TROUBLE.some((text) => error.details.includes(text))) return { kind: 'token-refused', reason };
  if (error.details.includes('not supported for learner')) return { kind: 'no-answer', reason };
  if (error.details.includes('database space exceeded')) return { kind: 'refused', reason, isPerhapsDone: true };
  return { kind: REFUSALS.has(error.code) ? 'refused' : 'no-answer', reason };
}

/** etcd 3.4 to 3.6 say one of these when authentication is on and the call's token is missing, unknown or outdated. */
const TOKEN_TROUBLE = [
  'invalid auth token',
  'user name is empty',
  'revision of auth store is old',
  'auth: token is invalid',
];

/** Codes with which etcd says a definite no. UNKNOWN is none: `not a primary lessor` has it and only means "elsewhere". */
const REFUSALS: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.DATA_LOSS,
  status.UNAUTHENTICATED,
]);

/** The same trouble is to read the same each time: without the instants and spans that gRPC puts into its details. */
function readable(error: RpcError): string {
  if (error.code === DEADLINE_EXCEEDED) return 'no answer in time';
  const details = error.details.replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, '').replace(/ Resolution note: $/, '');
  return `${status[error.code] ?? String(error.code)}: ${details}`;
}

const DEADLINE_EXCEEDED: number = status.DEADLINE_EXCEEDED;
