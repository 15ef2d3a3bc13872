/** The names this product answers to: its own and the two of the tool it replaces. */
const executableNames = ['matriarch', 'patroni', 'patronictl'] as const;

export type ExecutableName = (typeof executableNames)[number];

export interface Call {
  readonly calledAs: ExecutableName;
  readonly argv: readonly string[];
}

/**
 * Split the launcher's mark from what the user typed. The scripts in `bin/` put `--called-as=NAME` first when they
 * stand in for the other tool; it is an argument, not a variable, so that no child process inherits it.
 */
export function readCall(argv: readonly string[]): Call {
  const [first, ...rest] = argv;
  const calledAs = executableNames.find((name) => first === `--called-as=${name}`);
  return calledAs === undefined ? { calledAs: 'matriarch', argv } : { calledAs, argv: rest };
}
