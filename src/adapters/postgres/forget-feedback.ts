import type { SlotName } from '../../domain/names.ts';
import { reasonOf } from './errors.ts';
import { type Instance, openLocalWalSender } from './instance.ts';

const LIMIT_MS = 2_000;

/**
 * Have the own server forget the `xmin` that a standby left in its slot. No SQL function does that, and a copy of the slot
 * has it, too; so this is what the standby itself would do: stream with the slot, from where WAL ends, say that no rows are
 * needed, and go. The position stays, since nothing is ever confirmed.
 * @returns why it did not work; `null`: it did. A slot that somebody began to use meanwhile is refused by the server.
 */
export async function forgetFeedback(instance: Instance, name: SlotName): Promise<string | null> {
  const opened = await openLocalWalSender(instance.config, LIMIT_MS);
  if (opened.kind !== 'open') return opened.reason;
  const { session } = opened;
  try {
    const [identity] = await session.rows('IDENTIFY_SYSTEM');
    const end = String(identity?.['xlogpos']);
    const isDone = await session.streamOnce(`START_REPLICATION SLOT "${name}" PHYSICAL ${end}`, {
      message: NOTHING_NEEDED,
      limitMs: LIMIT_MS,
    });
    return isDone ? null : 'the server does not answer';
  } catch (error) {
    return reasonOf(error);
  } finally {
    await session.close();
  }
}

/** "Hot standby feedback": time, then xmin and catalog_xmin, each with its epoch; zero means none. */
const NOTHING_NEEDED = Buffer.concat([Buffer.from('h'), Buffer.alloc(24)]);
