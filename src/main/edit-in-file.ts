import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edited } from '../cli/command-line.ts';
import { textOf } from './text-of.ts';

/** `EDITOR`, perhaps with options behind it, else what Debian calls the editor, else vi; the file is removed afterwards (spec/ctl.md 9). */
export function editInFile({ text, fileName }: { readonly text: string; readonly fileName: string }): Edited {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-edit-'));
  const file = join(folder, `${fileName}.yaml`);
  const chosen = process.env['EDITOR'] ?? '';
  try {
    writeFileSync(file, text, { mode: 0o600 });
    for (const [editor = '', ...options] of chosen === '' ? USUAL : [[chosen], chosen.trim().split(/\s+/)]) {
      const { status, error } = spawnSync(editor, [...options, file], { stdio: 'inherit' });
      if (error !== undefined && 'code' in error && error.code === 'ENOENT') continue;
      if (status !== 0) return failed(`Editor exited with return code ${status ?? -1}`);
      const read = textOf(readFileSync(file));
      return read.kind === 'read' ? { kind: 'edited', text: read.text } : failed(`What was edited ${read.why}`);
    }
    return failed(chosen === '' ? NO_EDITOR : `EDITOR names no program that is there: ${chosen}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const USUAL = [['editor'], ['vi']];
const NO_EDITOR = 'EDITOR environment variable is not set. editor or vi are not available';

function failed(message: string): Edited {
  return { kind: 'failed', message };
}
