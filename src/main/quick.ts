/**
 * Where a command starts. Those that only read the store are typed all day: they run from this one file, which loads
 * neither the REST client nor the store's gRPC client. Everything else is handed to main.ts (docs/adr/0005-bundle.md).
 */
import { readCall } from './called-as.ts';
import { isQuickCall } from './quick-call.ts';
import { quickProgram } from './quick-program.ts';

const { calledAs, argv } = readCall(process.argv.slice(2));
if (isQuickCall(argv)) void quickProgram(calledAs).parseAsync(argv, { from: 'user' });
else void import('./main.ts');
