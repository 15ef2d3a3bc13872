import { readCall } from './called-as.ts';
import { readPatroniCall } from './patroni-call.ts';
import { program } from './program.ts';

const call = readCall(process.argv.slice(2));
/** As `patroni`, everything that was typed belongs to the agent. */
const read = call.calledAs === 'patroni' ? readPatroniCall(call.argv) : { kind: 'agent' as const, argv: call.argv };
if (read.kind === 'answered') process.stdout.write(`${read.text}\n`);
else await program(import.meta.url, call.calledAs).parseAsync(read.argv, { from: 'user' });
