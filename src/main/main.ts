import { readCall } from './called-as.ts';
import { program } from './program.ts';

const call = readCall(process.argv.slice(2));
/** As `patroni`, everything that was typed belongs to the agent. */
const argv = call.calledAs === 'patroni' ? ['agent', ...call.argv] : call.argv;
await program(import.meta.url, call.calledAs).parseAsync(argv, { from: 'user' });
