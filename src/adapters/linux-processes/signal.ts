/** @returns `gone`: there is no such process. `forbidden`: it is another user's. */
export function signalProcess(pid: number, signal: NodeJS.Signals): 'sent' | 'gone' | 'forbidden' {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return 'gone';
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return 'forbidden';
    throw error;
  }
}
