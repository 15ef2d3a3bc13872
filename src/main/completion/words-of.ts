import type { Command } from 'commander';

/** A command as a shell completes it. */
export type CommandWords = {
  readonly name: string;
  readonly says: string;
  readonly options: readonly OptionWords[];
};

export type OptionWords = {
  /** `-f` and `--format`, whichever there are. */
  readonly flags: readonly string[];
  readonly says: string;
  /** `null`: it takes no value. Empty: any. */
  readonly values: readonly string[] | null;
};

/** Every command that help shows, with its options; the first is the program itself. */
export function wordsOf(root: Command): readonly [CommandWords, ...CommandWords[]] {
  const shown = root.createHelp().visibleCommands(root);
  return [commandWords(root), ...shown.filter((each) => each.name() !== 'help').map(commandWords)];
}

function commandWords(command: Command): CommandWords {
  const options = command.createHelp().visibleOptions(command);
  return {
    name: command.name(),
    says: command.description(),
    options: options.map(({ short, long, description, argChoices, required, optional }) => {
      const flags = [short, long].filter((flag) => flag !== undefined);
      return { flags, says: description, values: required || optional ? (argChoices ?? []) : null };
    }),
  };
}
