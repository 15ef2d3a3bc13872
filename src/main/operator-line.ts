import { readFileSync } from 'node:fs';
import type { OperatorLine, TextRead } from '../cli/command-line.ts';
import type { AgentApi } from '../ports/agent-api.ts';
import type { CtlAccess } from '../wire/config/ctl.ts';
import { createCommandLine } from './command-line.ts';
import type { InputLines } from './input-lines.ts';
import { textOf } from './text-of.ts';

/** The command line of this process for commands that ask people and agents. What a command does not use is not loaded. */
export function createOperatorLine(): OperatorLine {
  let lines: Promise<InputLines> | null = null;
  const ask = async (prompt: string, shownOn: 'stdout' | 'stderr'): Promise<string | null> => {
    lines ??= import('./input-lines.ts').then(({ InputLines }) => new InputLines());
    return (await lines).ask(prompt, shownOn);
  };
  return {
    ...createCommandLine(),
    ask: (prompt) => ask(prompt, 'stdout'),
    async askSecret(prompt) {
      const { askSecret } = await import('./ask-secret.ts');
      return process.stdin.isTTY ? askSecret(prompt) : ask(prompt, 'stderr');
    },
    async connectSql(target) {
      const { connectOperator } = await import('../adapters/postgres/connect-operator.ts');
      return connectOperator(target, process.env);
    },
    async readInput() {
      const { buffer } = await import('node:stream/consumers');
      // Not at once by its number: a pipe that has nothing yet would be an error.
      return textOf(await buffer(process.stdin));
    },
    readText: (path) => readable(() => textOf(readFileSync(path))),
    async edit(document) {
      const { editInFile } = await import('./edit-in-file.ts');
      return editInFile(document);
    },
    openAgents(access) {
      let api: Promise<AgentApi> | null = null;
      return {
        async call(call, limit) {
          api ??= loadAgents(access);
          return (await api).call(call, limit);
        },
      };
    },
  };
}

async function loadAgents(access: CtlAccess): Promise<AgentApi> {
  const { createAgentApi } = await import('../adapters/peers/create-agent-api.ts');
  try {
    return createAgentApi(access);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = `a certificate or key of the configuration cannot be used: ${error.message}`;
    return { call: () => Promise.resolve({ kind: 'no-answer', reason }) };
  }
}

function readable(read: () => TextRead): TextRead {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { kind: 'unusable', why: 'cannot be read' };
    throw error;
  }
}
