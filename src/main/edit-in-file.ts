import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edited } from '../cli/command-line.ts';
import { textOf } from './text-of.ts';

/**
 * `EDITOR`, perhaps with options behind it, else what Debian calls the editor, else vi (spec/ctl.md 9). Whoever asked removes
 * what was edited once it is of no more use.
 */
export function editInFile({ text, fileName }: { readonly text: string; readonly fileName: string }): Edited {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-edit-'));
  const path = join(folder, `${fileName}.yaml`);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    writeFileSync(path, text, { mode: 0o600 });
    const problem = problemOfEditing(path);
    if (problem !== null) {
      remove();
      return failed(problem);
    }
    const read = textOf(readFileSync(path));
    return read.kind === 'read'
      ? { kind: 'edited', text: read.text, file: { path, remove } }
      : failed(`What was edited ${read.why}; it is kept in ${path}`);
  } catch (error) {
    remove();
    throw error;
  }
}

function problemOfEditing(path: string): string | null {
  const chosen = process.env['EDITOR'] ?? '';
  for (const [editor = '', ...options] of chosen === '' ? USUAL : [[chosen], chosen.trim().split(/\s+/)]) {
    const { status, error } = spawnSync(editor, [...options, path], { stdio: 'inherit' });
    if (error !== undefined && 'code' in error && error.code === 'ENOENT') continue;
    return status === 0 ? null : `Editor exited with return code ${status ?? -1}`;
  }
  return chosen === '' ? NO_EDITOR : `EDITOR names no program that is there: ${chosen}`;
}

const USUAL = [['editor'], ['vi']];
const NO_EDITOR = 'EDITOR environment variable is not set. editor or vi are not available';

function failed(message: string): Edited {
  return { kind: 'failed', message };
}
