import type { Instance } from '../instance.ts';
import { archive, commandInForce } from './archive-ready.ts';

/**
 * Archive the segment with the shutdown checkpoint (spec/ha.md D14): a server archives a segment when it begins the next,
 * so its very last one never; whoever goes on from the archive alone would miss the end. What fails is only logged.
 */
export async function archiveLast(instance: Instance, signal: AbortSignal): Promise<void> {
  const command = await commandInForce(instance);
  const segment = (await instance.readControl())?.labels.get("Latest checkpoint's REDO WAL file");
  if (command === null || segment === undefined) {
    instance.log.write('info', 'last-segment-not-archived', { why: 'archiving is not configured' });
    return;
  }
  const outcome = await archive(instance, { command, segment }, signal);
  const isArchived = outcome.kind === 'exited' && outcome.code === 0;
  if (!isArchived) instance.log.write('warn', 'segment-not-archived', { segment });
}
