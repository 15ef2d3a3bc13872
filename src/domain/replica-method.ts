import type { Json, JsonObject } from './json.ts';
import { isJsonList, isJsonObject } from './json.ts';
import { isTruthy } from './tags.ts';
import { textForm } from './text-form.ts';

/** One way to make a copy of the cluster. They are tried in order until one works (spec/postgres.md 10). */
export type ReplicaMethod =
  | { readonly kind: 'basebackup'; readonly options: readonly string[] }
  | {
      readonly kind: 'command';
      /** The section's name, for people. */
      readonly name: string;
      /** As configured, split like a shell command line when it is run. */
      readonly command: string;
      /** The section's other settings: `--config=/etc/backup.conf`. */
      readonly options: readonly string[];
      /** Say what is to be copied, and from where, in arguments of our own. */
      readonly tellsPlace: boolean;
      /** What lies in the data directory is left to the command. */
      readonly keepsData: boolean;
      /** It copies an archive or a backup, and needs nobody who leads. */
      readonly needsNoLeader: boolean;
    };

/**
 * The methods that a list of names asks for. A name without a section of its own is the command itself, as ever.
 * @param basebackup options of the method of that name, already checked
 */
export function replicaMethods(
  names: Json | undefined,
  sections: JsonObject,
  basebackup: readonly string[],
): readonly ReplicaMethod[] {
  const wanted = namesIn(names);
  return (wanted.length === 0 ? [BASEBACKUP] : wanted).map((name) =>
    name === BASEBACKUP ? { kind: 'basebackup', options: basebackup } : commandMethod(name, sections[name]),
  );
}

/** Those that work without a leader to copy. */
export function withoutLeader(methods: readonly ReplicaMethod[]): readonly ReplicaMethod[] {
  return methods.filter((method) => method.kind === 'command' && method.needsNoLeader);
}

const BASEBACKUP = 'basebackup';
/** What steers us and is none of the command's business, where it is to get nothing but its own settings. */
const OURS: ReadonlySet<string> = new Set(['keep_data', 'no_leader']);

function commandMethod(name: string, configured: Json | undefined): ReplicaMethod {
  const section = isJsonObject(configured) ? configured : {};
  const tellsPlace = !isTruthy(section['no_params']);
  const options = Object.entries(section).filter(
    ([key]) => key !== 'command' && key !== 'no_params' && (tellsPlace || !OURS.has(key)),
  );
  return {
    kind: 'command',
    name,
    command: isTruthy(section['command']) ? textForm(section['command'] ?? name) : name,
    options: options.map(([key, value]) => `--${key}=${textForm(value)}`),
    tellsPlace,
    keepsData: isTruthy(section['keep_data']),
    needsNoLeader: isTruthy(section['no_leader']),
  };
}

function namesIn(names: Json | undefined): readonly string[] {
  if (typeof names === 'string') return names === '' ? [] : [names];
  return isJsonList(names) ? names.filter((each) => typeof each === 'string') : [];
}
