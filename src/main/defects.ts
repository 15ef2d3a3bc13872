/** EX_SOFTWARE of sysexits.h. 1 is for what a person has to mend first; this one is worth another start at once. */
export const EXIT_DEFECT = 70;

/** What nobody caught ends the process with a status of its own, so that a service manager can tell the two apart. */
export function endOnDefects(): void {
  process.once('uncaughtException', (error) => {
    process.stderr.write(`matriarch: a defect, please report it: ${error.stack ?? error.message}\n`);
    process.exit(EXIT_DEFECT);
  });
}
