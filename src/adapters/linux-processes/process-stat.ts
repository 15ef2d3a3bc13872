import { readFileSync } from 'node:fs';

export type ProcessStat = {
  /** `R`, `S`, `D`, `T` (stopped), `Z` (zombie) … */
  readonly state: string;
  readonly parent: number;
  /** Device number of the controlling terminal; 0: none. */
  readonly terminal: number;
};

/** @returns `null` when there is no such process. @see proc_pid_stat(5) */
export function readStat(pid: number): ProcessStat | null {
  const text = statText(pid);
  if (text === null) return null;
  // The command's name is in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, , , terminal] = fields;
  if (state === undefined) return null;
  return { state, parent: Number(parent), terminal: Number(terminal) };
}

function statText(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
}
