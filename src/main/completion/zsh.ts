import type { CommandWords, OptionWords } from './words-of.ts';

/** For a folder of `fpath`, or `source <(matriarch completion zsh)` behind `compinit`. */
export function zshCompletion([program, ...commands]: readonly [CommandWords, ...CommandWords[]]): string {
  return `#compdef ${program.name}
_${program.name}() {
  local state line
  _arguments -C \\
${program.options.map((option) => `    ${spec(option)} \\`).join('\n')}
    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, says }) => `        ${quoted(`${name}:${says}`)}`).join('\n')}
      )
      _describe command commands ;;
    argument)
      case $line[1] in
${commands.map((each) => `        ${each.name}) _arguments ${[...each.options.map(spec), "'*:: :_files'"].join(' ')} ;;`).join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _${program.name} ]; then _${program.name} "$@"; else compdef _${program.name} ${program.name}; fi
`;
}

/** `'(-f --format)'{-f,--format}'[how to print it]:value:(pretty tsv)'` */
function spec({ flags, says, values }: OptionWords): string {
  const about = `[${says.replace(/[[\]]/g, '')}]`;
  const value = values === null ? '' : values.length === 0 ? ':value:_files' : `:value:(${values.join(' ')})`;
  const [only] = flags;
  if (flags.length === 1 && only !== undefined) return quoted(`${only}${about}${value}`);
  return `'(${flags.join(' ')})'{${flags.join(',')}}${quoted(`${about}${value}`)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
