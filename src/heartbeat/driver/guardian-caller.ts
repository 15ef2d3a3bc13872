import type { GuardianMessage, GuardianReport } from '../../ports/guardian.ts';
import type { GuardianContact, HeartbeatWorld } from './world.ts';

/**
 * The one connection to the guardian that counts. What an earlier one still says is not heard: a late answer must not
 * pass for that of the guardian that took its place.
 */
export function guardianCaller(
  { findGuardian }: Pick<HeartbeatWorld, 'findGuardian'>,
  onReport: (report: GuardianReport) => void,
): { connect(): void; tell(message: GuardianMessage): void; close(): void } {
  let attempt = 0;
  let contact: GuardianContact | null = null;

  async function connect(mine: number): Promise<void> {
    // It is answered as soon as it is heard, so it is heard only when it can be told something.
    const early: GuardianReport[] = [];
    let isEarly = true;
    const found = await findGuardian((report) => {
      if (isEarly) early.push(report);
      else if (mine === attempt) onReport(report);
    });
    isEarly = false;
    if (mine !== attempt) {
      found?.close();
      return;
    }
    contact = found;
    for (const report of early) onReport(report);
  }

  return {
    connect: () => {
      contact?.close();
      contact = null;
      attempt += 1;
      void connect(attempt);
    },
    tell: (message) => contact?.tell(message),
    close: () => {
      attempt += 1;
      contact?.close();
    },
  };
}
