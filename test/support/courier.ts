import { join } from 'node:path';
import type { Hosts, Started } from './hosts.ts';
import { users } from './node-file.ts';

/** Asks the hosts over the network, from `outside`: the test itself is not on that network. */
export class Courier {
  readonly #process: Started;
  readonly #waiting = new Map<number, (report: Report) => void>();
  #last = 0;

  constructor(hosts: Hosts) {
    const program = join(import.meta.dirname, 'courier-process.ts');
    this.#process = hosts.start('outside', [process.execPath, program], { as: 'root', log: 'courier', talk: true });
    this.#process.child.on('message', (report: Report) => {
      this.#waiting.get(report.id)?.(report);
      this.#waiting.delete(report.id);
    });
    void this.#process.ended.then((how) => {
      for (const [id, answer] of this.#waiting) answer({ id, kind: 'failed', reason: `the courier is gone (${how})` });
      this.#waiting.clear();
    });
  }

  /** @throws when nobody answers within `limitMs`; any HTTP status is an answer. */
  async http(
    url: string,
    { method = 'GET', body = null, limitMs = 2000 }: { method?: string; body?: string | null; limitMs?: number } = {},
  ): Promise<{ readonly status: number; readonly text: string }> {
    const report = await this.#send({ kind: 'http', url, method, body, limitMs });
    if (report.kind === 'answered') return { status: report.status, text: report.text };
    throw new Error(`${method} ${url}: ${reasonOf(report)}`);
  }

  /** The rows as arrays, as the superuser. @throws when PostgreSQL refuses or does not answer within `limitMs`. */
  async sql(
    where: { readonly host: string; readonly port: number; readonly password: string },
    text: string,
    { limitMs = 2000 } = {},
  ): Promise<readonly (readonly unknown[])[]> {
    const report = await this.#send({ kind: 'sql', ...where, user: users.superuser.username, text, limitMs });
    if (report.kind === 'rows') return report.rows;
    throw new Error(`${where.host}:${where.port}: ${text}: ${reasonOf(report)}`);
  }

  #send(errand: DistributiveOmit<Errand, 'id'>): Promise<Report> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.child.send({ ...errand, id }, (error) => {
        if (error !== null) resolve({ id, kind: 'failed', reason: error.message });
      });
    });
  }
}

export type Errand = { readonly id: number; readonly limitMs: number } & (
  | { readonly kind: 'http'; readonly url: string; readonly method: string; readonly body: string | null }
  | {
      readonly kind: 'sql';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly text: string;
    }
);

export type Report = { readonly id: number } & (
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'rows'; readonly rows: readonly (readonly unknown[])[] }
  | { readonly kind: 'failed'; readonly reason: string }
);

type DistributiveOmit<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

function reasonOf(report: Report): string {
  return report.kind === 'failed' ? report.reason : `an answer of another kind (${report.kind})`;
}
