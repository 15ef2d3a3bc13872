import { Command } from 'commander';
import { expect, test } from 'vitest';
import { program } from '../../src/main/program.ts';
import { manPage, optionsOfCommand, visibleCommands } from './man-page.ts';
import { manPages } from './man-pages.ts';

const pages = manPages('2026-11-22');

/** As a reader sees it. */
function text(page: string): string {
  return page.replaceAll('\\-', '-').replaceAll('\\e', '\\').replaceAll('\\&', '');
}

test('each executable has a page', () => {
  expect([...pages.keys()]).toEqual(['matriarch.1', 'patroni.1', 'patronictl.1']);
});

test('the page of matriarch tells every command with every option', () => {
  const page = text(pages.get('matriarch.1') ?? '');
  const commands = visibleCommands(program('file:///matriarch.js', 'matriarch'));
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) {
    const section = page.split('\n.SS ').find((part) => part.startsWith(`${command.name()} `));
    expect(section, command.name()).toBeDefined();
    for (const { flags } of optionsOfCommand(command)) expect(section).toContain(`.B ${flags}\n`);
  }
});

test('the page of patronictl leaves out what only matriarch has', () => {
  const page = text(pages.get('patronictl.1') ?? '');
  expect(page).toContain('\n.SS switchover ');
  expect(page).not.toContain('\n.SS why ');
  expect(page).not.toContain('\n.SS agent ');
});

test('no word of a description is taken for a request of roff', () => {
  const command = new Command('x').option('--a', '.TH is no request here, and \\fB no font');
  const page = manPage({
    name: 'x',
    summary: 'a "quoted" word',
    description: ["'tis the first word", '.so of a line'],
    command,
    sections: [{ title: 'FILES', items: [['.hidden', 'a-b']] }],
    version: '1',
    date: '2026-11-22',
  });
  expect(page).toContain("\n\\&'tis the first word\n");
  expect(page).toContain('\n\\&.so of a line\n');
  expect(page).toContain('\n\\&.TH is no request here, and \\efB no font');
  expect(page).toContain('\n.B \\&.hidden\na\\-b\n');
  const requests = page.split('\n').filter((line) => /^[.']/.test(line));
  expect(requests.every((line) => /^\.(TH|SH|SS|TP|PP|B|I)\b/.test(line))).toBe(true);
});
