import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addOperatorCommands } from '../../src/main/operator-commands.ts';
import { program } from '../../src/main/program.ts';
import { type ManPage, type ManSection, manPage } from './man-page.ts';

/** The pages of all three executables: file name to text. `date`: of what is packaged, not of the day of packing. */
export function manPages(date: string): ReadonlyMap<string, string> {
  const pages = [matriarchPage(), patroniPage(), patronictlPage()];
  return new Map(
    pages.map((page) => [`${page.name}.1`, manPage({ ...page, version: manifest.version, date })] as const),
  );
}

type Page = Omit<ManPage, 'version' | 'date'>;

function matriarchPage(): Page {
  return {
    name: 'matriarch',
    summary: 'PostgreSQL high availability: the agent and its command line',
    description: [
      'Matriarch keeps a cluster of PostgreSQL servers alive: an agent beside each server decides, with the others and a store (etcd), who the primary is, and a guardian stops a primary whose lease ends.',
      'It takes the configuration, the environment variables, the keys in the store and the REST API of Patroni, and answers to the names patroni and patronictl as well.',
    ],
    command: program('file:///matriarch.js', 'matriarch'),
    sections: [files, environment, exitStatus, seeAlso('patroni(1), patronictl(1)')],
  };
}

/** As `patroni`, everything that is typed belongs to the agent. */
function patroniPage(): Page {
  const agent = program('file:///matriarch.js', 'patroni').commands.find((command) => command.name() === 'agent');
  if (agent === undefined) throw new Error('there is no command `agent`');
  return {
    name: 'patroni',
    summary: 'the agent of Matriarch, under the name that it replaces',
    description: ['The same as matriarch agent: runs beside one PostgreSQL, in the foreground.'],
    command: agent,
    sections: [files, environment, signals, exitStatus, seeAlso('matriarch(1), patronictl(1)')],
  };
}

function patronictlPage(): Page {
  const whole = program('file:///matriarch.js', 'patronictl');
  const command = new Command('patronictl');
  for (const option of whole.options) command.addOption(option);
  addOperatorCommands(command, 'patronictl');
  return {
    name: 'patronictl',
    summary: 'the command line of Matriarch, under the name that it replaces',
    description: ['Looks at a cluster and operates it, with the arguments, questions and exit statuses of patronictl.'],
    command,
    sections: [files, environment, seeAlso('matriarch(1), patroni(1)')],
  };
}

const files: ManSection = {
  title: 'FILES',
  items: [
    ['/etc/matriarch/matriarch.yml', 'What matriarch.service reads; a patroni.yml.'],
    ['/etc/matriarch/environment', 'Variables for the service, NAME=value.'],
    ['~/.config/patroni/patronictl.yaml', 'The configuration of the command line, unless -c names one.'],
    ['/run/matriarch', 'The sockets of guardians.'],
  ],
};

const environment: ManSection = {
  title: 'ENVIRONMENT',
  items: [
    ['PATRONI_*', 'As for Patroni; they win over the file.'],
    ['PATRONICTL_CONFIG_FILE', 'The configuration of the command line.'],
    ['MATRIARCH_NODE', 'Another Node to run under.'],
    ['MATRIARCH_NODE_FLAGS', "Node's flags, instead of those that keep an agent small."],
    ['MATRIARCH_RUNTIME_DIR', 'Where the socket of the guardian lies, instead of /run/matriarch.'],
    ['PG_MALLOC_ARENA_MAX', 'MALLOC_ARENA_MAX for PostgreSQL.'],
  ],
};

const signals: ManSection = {
  title: 'SIGNALS',
  items: [
    ['SIGHUP', 'Read the configuration again.'],
    ['SIGTERM, SIGINT', 'Hand over, stop PostgreSQL, end. In a pause PostgreSQL goes on.'],
  ],
};

const exitStatus: ManSection = {
  title: 'EXIT STATUS',
  items: [
    ['0', 'What was asked for has happened.'],
    ['1', 'It has not. For an agent: a person has to mend what it said.'],
    ['2', 'The command line cannot be understood.'],
    ['70', 'A defect ended the agent.'],
  ],
};

function seeAlso(pages: string): ManSection {
  return { title: 'SEE ALSO', items: [[pages, 'and the pages in the folder docs of the archive.']] };
}
