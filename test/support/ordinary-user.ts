import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

/**
 * Become the ordinary user that PostgreSQL's package brings, for the rest of this process: PostgreSQL refuses to run
 * as root. Only in a process of a test file's own (vitest's `forks`); the checkout must be readable for that user.
 * An ordinary user stays who they are.
 */
export function becomeOrdinaryUser(): void {
  if (process.getuid?.() !== 0) return;
  const user = ordinaryUser();
  process.setgroups?.([user.gid]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
  process.env['USER'] = 'postgres';
  process.env['HOME'] = tmpdir();
}

/** Who runs agents and PostgreSQL in tests: Debian's packages bring this user. */
export function ordinaryUser(): { readonly uid: number; readonly gid: number } {
  return userOf('postgres');
}

/** uid and gid from the system's own list. @throws When there is no such user. */
function userOf(name: string): { readonly uid: number; readonly gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`there is no user ${name}: install PostgreSQL first`);
  return { uid: Number(uid), gid: Number(gid) };
}
