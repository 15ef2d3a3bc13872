/** Stands for an agent that is killed: connects to the guardian of DATA_DIR in RUNTIME_DIR, arms it for MS, and stays. */
import { guardianProgram, RealGuardian } from './guardian.ts';

const [dataDir, runtimeDir, leftMs] = process.argv.slice(2);
if (dataDir === undefined || runtimeDir === undefined) throw new Error('usage: DATA_DIR RUNTIME_DIR MS');
const guardian = await RealGuardian.of(guardianProgram({ dataDir, runtimeDir }));
await guardian.arm(Number(leftMs));
process.stdout.write(`${guardian.pid}\n`);
