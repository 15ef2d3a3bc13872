/** Logs a line, as the agent does, into the folder that it is told, and ends with status 3. */

import { createLog } from '../../src/main/log/create-log.ts';
import { endLog, writeRestAtExit } from '../../src/main/log/end-log.ts';

process.stderr.on('error', () => undefined);
const file = { folder: process.argv[2] ?? '', mode: null, kept: 1, bytesMax: 1_000 };
const log = createLog({ level: 'info', format: 'plain', file }, () => new Date());
writeRestAtExit(log);
log.write('info', 'line', {});
process.exit(await endLog(log, 3));
