/** The end of a command that cannot do what it was asked for. `line` is what standard error shows. */
export type Stop = { readonly kind: 'stop'; readonly line: string };

export function stop(message: string): Stop {
  return { kind: 'stop', line: `Error: ${message}` };
}

/** The input ended at a prompt, or somebody pressed Ctrl-C there. */
export const aborted: Stop = { kind: 'stop', line: 'Aborted!' };

/** As Patroni's tool spells it; scripts look for that. */
export const GROUP_MISSING = 'For Citus clusters the --group must me specified';

export function isStop(value: unknown): value is Stop {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'stop';
}
