import { Argument, type Command } from 'commander';

const shells = ['bash', 'zsh', 'fish'] as const;

/** `completion SHELL`: a script that has a shell complete commands, options and their values. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that teaches your shell to complete commands; source it')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      process.stdout.write(await completionOf(program, shell));
    });
}

async function completionOf(program: Command, shell: (typeof shells)[number]): Promise<string> {
  const { wordsOf } = await import('./completion/words-of.ts');
  const words = wordsOf(program);
  switch (shell) {
    case 'bash': {
      const { bashCompletion } = await import('./completion/bash.ts');
      return bashCompletion(words);
    }
    case 'zsh': {
      const { zshCompletion } = await import('./completion/zsh.ts');
      return zshCompletion(words);
    }
    case 'fish': {
      const { fishCompletion } = await import('./completion/fish.ts');
      return fishCompletion(words);
    }
  }
}
