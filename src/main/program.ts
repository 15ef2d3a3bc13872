import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };

/**
 * The whole command line of `matriarch`; parsing an argv runs the command it names.
 *
 * A command's code is imported inside its action, with `import()`: nobody who asks for a list waits for the REST server,
 * the store client and the schemas to load (docs/adr/0005-bundle.md).
 */
export function program(): Command {
  return new Command('matriarch').description(manifest.description).version(manifest.version, '--version');
}
