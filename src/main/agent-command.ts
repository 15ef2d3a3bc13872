import { type Command, Option } from 'commander';
import { compatibilityVersion, productVersion } from '../domain/version.ts';

/** `matriarch agent`, with what `patroni` can do beside running: check a configuration, or make one. */
export function addAgentCommand(root: Command, mainUrl: string): void {
  root
    .command('agent')
    .description('run the daemon beside one PostgreSQL; or check a configuration, or make one')
    .argument('[file]', 'configuration (patroni.yml), or a folder of such files; a generated one is written there')
    .addOption(mode('--validate-config', 'say what is wrong with the configuration'))
    .addOption(mode('--generate-sample-config', 'write a configuration to be filled in'))
    .addOption(mode('--generate-config', 'write the configuration of the PostgreSQL that runs here'))
    .option('--dsn <dsn>', 'where that PostgreSQL is; with --generate-config')
    .option('-i, --ignore-listen-port', 'ports may be taken already; with --validate-config')
    .option('-p, --print', 'print the configuration, the environment laid over it; with --validate-config')
    .option('--trace <file>', 'write each event, decision and effect to FILE, FILE.heartbeat and FILE.guardian')
    .action(async (file: string | undefined, options: Options) => {
      process.exit(await run(file ?? null, options, mainUrl));
    });
}

/** What `patroni --version` says: scripts look at the second word. */
export const versionLine = `patroni ${compatibilityVersion} (matriarch ${productVersion})`;

type Options = {
  readonly validateConfig?: true;
  readonly generateSampleConfig?: true;
  readonly generateConfig?: true;
  readonly dsn?: string;
  readonly ignoreListenPort?: true;
  readonly print?: true;
  readonly trace?: string;
};

async function run(file: string | null, options: Options, mainUrl: string): Promise<number> {
  if (options.validateConfig === true) {
    const { runValidate } = await import('./validate-command.ts');
    const { ignoreListenPort, print } = options;
    return runValidate({ file, ignoreListenPorts: ignoreListenPort === true, print: print === true });
  }
  if (options.generateSampleConfig === true) {
    const { runGenerateSample } = await import('./generate-command.ts');
    return runGenerateSample(file);
  }
  if (options.generateConfig === true) {
    const { runGenerate } = await import('./generate-from-server.ts');
    return runGenerate(file, options.dsn ?? '');
  }
  const { runAgent } = await import('./agent.ts');
  return runAgent({ file, trace: options.trace ?? null, mainUrl });
}

const MODES = ['--validate-config', '--generate-sample-config', '--generate-config'];

/** One thing at a time. */
function mode(flag: string, description: string): Option {
  const others = MODES.filter((each) => each !== flag).map((each) =>
    each.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
  );
  return new Option(flag, description).conflicts(others);
}
