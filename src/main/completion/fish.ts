import type { CommandWords, OptionWords } from './words-of.ts';

/** For `~/.config/fish/completions/matriarch.fish`. */
export function fishCompletion([program, ...commands]: readonly [CommandWords, ...CommandWords[]]): string {
  const { name } = program;
  const lines = [
    ...commands.map(
      (each) => `complete -c ${name} -n __fish_use_subcommand -f -a ${each.name} -d ${quoted(each.says)}`,
    ),
    ...program.options.map((option) => `complete -c ${name} -n __fish_use_subcommand ${words(option)}`),
    ...commands.flatMap((each) =>
      each.options.map(
        (option) => `complete -c ${name} -n '__fish_seen_subcommand_from ${each.name}' ${words(option)}`,
      ),
    ),
  ];
  return `# fish completion of ${name}\n${lines.join('\n')}\n`;
}

function words({ flags, says, values }: OptionWords): string {
  const named = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = values === null ? [] : values.length === 0 ? ['-r'] : ['-x', `-a ${quoted(values.join(' '))}`];
  return [...named, ...value, `-d ${quoted(says)}`].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
