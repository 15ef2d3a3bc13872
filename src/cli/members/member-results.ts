import type { Json } from '../../domain/json.ts';
import { seconds } from '../../domain/time.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { adviceFor } from '../advice.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { codeOfFailure, type Tool } from '../tool.ts';

/** What came of asking one member. `unreached`: nobody knows. */
export type MemberResult = {
  readonly member: string;
  readonly outcome: 'done' | 'failed' | 'unreached';
  readonly status: number | null;
  readonly message: string;
};

export type Presentation = {
  readonly tool: Tool;
  /** `json`: one object at the end, and no tables. */
  readonly format: 'text' | 'json';
};

/** A restart takes as long as PostgreSQL takes to stop. */
export const ORDER_LIMIT = seconds(3_600);
/** What is answered at once. */
export const REPLY_LIMIT = seconds(20);

/** Members are asked one after the other, and each result is told at once; a failure does not keep from the next one. */
export class MemberResults {
  readonly #options: Presentation;
  readonly #line: OperatorLine;
  readonly #results: MemberResult[] = [];

  constructor(options: Presentation, line: OperatorLine) {
    this.#options = options;
    this.#line = line;
  }

  add(result: MemberResult): void {
    this.#results.push(result);
    const { tool, format } = this.#options;
    if (format === 'text') this.#line.stdout.write(`${result.message}\n`);
    const advice = result.status === null || tool === 'patronictl' ? null : adviceFor(result.status);
    if (advice !== null) this.#line.stderr.write(`${advice}\n`);
  }

  /** What somebody waits for: ours says it, Patroni's tool waits in silence. */
  waitsFor(what: string): void {
    if (this.#options.tool === 'matriarch') this.#line.stderr.write(`${what}\n`);
  }

  /** Who was not reached counts as a failure under either name. */
  conclude(action: string): ExitCode {
    const isDone = this.#results.every((each) => each.outcome === 'done');
    if (this.#options.format === 'json') {
      const members = this.#results.map((each): Json => ({ ...each }));
      this.#line.stdout.write(`${renderSpacedJson({ action, done: isDone, members })}\n`);
    }
    if (isDone) return 0;
    return this.#results.some((each) => each.outcome === 'unreached') ? 1 : codeOfFailure(this.#options.tool);
  }
}

/** A reply, in Patroni's words. `success`: what its status means, if it means that it was done. */
export function resultOf(
  member: string,
  reply: AgentReply,
  { action, success }: { readonly action: string; readonly success: (status: number) => string | null },
): MemberResult {
  if (reply.kind === 'no-answer') {
    const message = `Failed: ${action} for member ${member}, (${reply.reason})`;
    return { member, outcome: 'unreached', status: null, message };
  }
  const { status, body } = reply;
  const message = success(status);
  return message === null
    ? {
        member,
        outcome: 'failed',
        status,
        message: `Failed: ${action} for member ${member}, status code=${status}, (${body})`,
      }
    : { member, outcome: 'done', status, message };
}
