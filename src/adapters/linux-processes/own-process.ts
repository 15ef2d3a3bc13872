import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Lower is less likely to be chosen when memory runs out (proc_pid_oom_score_adj(5)); -1000 would be never. */
const OOM_SCORE_ADJUSTMENT = '-900';

/** Run before others and die after them, as far as this user may ask for it; an ordinary user may not. */
export function hardenOwnProcess(): void {
  ifPermitted(() => setPriority(constants.priority.PRIORITY_HIGH));
  ifPermitted(() => writeFileSync('/proc/self/oom_score_adj', OOM_SCORE_ADJUSTMENT));
}

function ifPermitted(request: () => void): void {
  try {
    request();
  } catch {
    // EACCES or EPERM: it stays as it is, which is correct, only less robust.
  }
}
