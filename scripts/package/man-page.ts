import type { Argument, Command, Option } from 'commander';

export interface ManPage {
  /** `matriarch`; the page is `matriarch.1`. */
  readonly name: string;
  /** One line for `whatis`; no full stop. */
  readonly summary: string;
  /** What it is about, a paragraph each. */
  readonly description: readonly string[];
  /** Whose commands and options are told. */
  readonly command: Command;
  /** `name` and words of each, for the sections after the options. */
  readonly sections: readonly ManSection[];
  readonly version: string;
  /** `2026-11-22` */
  readonly date: string;
}

export interface ManSection {
  readonly title: string;
  readonly items: readonly (readonly [term: string, text: string])[];
}

/** A page of section 1 in man(7), with every command, argument and option that the command line is built from. */
export function manPage(page: ManPage): string {
  const { command } = page;
  const lines = [
    `.TH ${quoted(page.name.toUpperCase())} 1 ${quoted(page.date)} ${quoted(`Matriarch ${page.version}`)}`,
    '.SH NAME',
    `${escaped(page.name)} \\- ${escaped(page.summary)}`,
    '.SH SYNOPSIS',
    `.B ${escaped(page.name)}`,
    escaped(usageOf(command)),
    '.SH DESCRIPTION',
    ...page.description.flatMap((text) => ['.PP', escaped(text)]),
    ...argumentsOf(command),
    '.SH OPTIONS',
    ...command.createHelp().visibleOptions(command).flatMap(optionOf),
    ...commandsOf(command),
    ...page.sections.flatMap(({ title, items }) => [
      `.SH ${escaped(title)}`,
      ...items.flatMap(([term, text]) => ['.TP', `.B ${escaped(term)}`, escaped(text)]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function commandsOf(parent: Command): readonly string[] {
  const commands = visibleCommands(parent);
  if (commands.length === 0) return [];
  return [
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      `.SS ${escaped([command.name(), usageOf(command)].filter((part) => part !== '').join(' '))}`,
      escaped(sentence(command.description())),
      ...argumentsOf(command),
      ...optionsOf(command),
    ]),
  ];
}

/** Without the command that prints the help. */
export function visibleCommands(parent: Command): readonly Command[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .filter((command) => command.name() !== 'help');
}

/** Its own, without the one that every command has. */
export function optionsOfCommand(command: Command): readonly Option[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => option.long !== '--help');
}

function optionsOf(command: Command): readonly string[] {
  return optionsOfCommand(command).flatMap(optionOf);
}

function usageOf(command: Command): string {
  return command.usage();
}

function argumentsOf(command: Command): readonly string[] {
  return command.registeredArguments
    .filter((argument) => textOfArgument(argument) !== '')
    .flatMap((argument) => ['.TP', `.I ${escaped(argument.name())}`, escaped(textOfArgument(argument))]);
}

function textOfArgument({ description, argChoices }: Argument): string {
  return [sentence(description), choices(argChoices)].filter((part) => part !== '').join(' ');
}

function optionOf({ flags, description, argChoices, defaultValue }: Option): readonly string[] {
  // A flag that is off says nothing; neither does an option that nobody gave.
  const standard: unknown = defaultValue;
  const isTold = typeof standard === 'string' || typeof standard === 'number';
  const text = [sentence(description), choices(argChoices), ...(isTold ? [`Default: ${String(standard)}.`] : [])];
  return ['.TP', `.B ${escaped(flags)}`, escaped(text.filter((part) => part !== '').join(' '))];
}

function choices(words: readonly string[] | undefined): string {
  return words === undefined || words.length === 0 ? '' : `One of ${words.join(', ')}.`;
}

function sentence(text: string): string {
  if (text === '') return '';
  const whole = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** A hyphen that can be searched for and copied, and no line that roff would take for a request. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}
