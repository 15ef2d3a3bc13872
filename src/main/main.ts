import { readCall } from './called-as.ts';
import { program } from './program.ts';

const call = readCall(process.argv.slice(2));
await program().parseAsync(call.argv, { from: 'user' });
