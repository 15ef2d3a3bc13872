import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };

/** The whole command line of `matriarch`; parsing an argv runs the command it names. */
export function program(): Command {
  return new Command('matriarch').description(manifest.description).version(manifest.version, '--version');
}
