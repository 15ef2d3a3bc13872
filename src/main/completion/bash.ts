import type { CommandWords, OptionWords } from './words-of.ts';

/** For `~/.bashrc`: `source <(matriarch completion bash)`. */
export function bashCompletion([program, ...commands]: readonly [CommandWords, ...CommandWords[]]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# bash completion of ${program.name}
_${program.name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      ${valued(program).join(' | ')}) ((at++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[at]}; break ;;
    esac
  done
  COMPREPLY=()
  case $command:$before in
${commands.flatMap(choices).join('\n')}
    ${valued(program)
      .map((flag) => `*:${flag}`)
      .join(' | ')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case $command in
    '') COMPREPLY=($(compgen -W '${names} ${flags(program)}' -- "$word")) ;;
${commands.map((each) => `    ${each.name}) COMPREPLY=($(compgen -W '${flags(each)}' -- "$word")) ;;`).join('\n')}
  esac
}
complete -o default -F _${program.name} ${program.name}
`;
}

function choices({ name, options }: CommandWords): readonly string[] {
  return options.flatMap((option) =>
    option.values === null || option.values.length === 0 ? [] : [choice(name, option, option.values)],
  );
}

function choice(command: string, { flags: of }: OptionWords, values: readonly string[]): string {
  const patterns = of.map((flag) => `${command}:${flag}`).join(' | ');
  return `    ${patterns}) COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$word")); return ;;`;
}

function flags({ options }: CommandWords): string {
  return options.flatMap((option) => option.flags).join(' ');
}

/** Options behind which a value stands. */
function valued({ options }: CommandWords): readonly string[] {
  return options.flatMap((option) => (option.values === null ? [] : option.flags));
}
