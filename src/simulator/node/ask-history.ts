import { invariant } from '../../domain/invariant.ts';
import type { LeaderHistory } from '../../domain/memory.ts';
import type { AgentEffect } from '../../ports/effects.ts';
import type { Actor } from '../kernel/actor.ts';
import { sameWal } from '../postgres/same-wal.ts';
import { historyOf, walPosition } from '../postgres/wal-branch.ts';
import { stillHas } from '../postgres/wal-retention.ts';
import { drawSpan } from '../world/settings.ts';
import type { NodeSetup } from './node-setup.ts';

/** Ask an upstream, over a replication connection, who it is. Ends once, within the limit. */
export function askHistory(
  setup: Pick<NodeSetup, 'kernel' | 'network' | 'postgres' | 'place' | 'clock' | 'settings'>,
  asker: Actor,
  question: Extract<AgentEffect, { readonly kind: 'ask-history' }>,
  answered: (answer: LeaderHistory) => void,
): void {
  const { kernel, network, postgres, place, clock, settings } = setup;
  const { member } = question;
  const askedAt = clock.now();
  const roundTrip = 3 * drawSpan(kernel.random('ask history'), settings.network);
  const source = postgres.resolve(question.upstream);
  const isUp = source !== null && source.acceptsConnections;
  if (isUp && network.connects(place, source.host) && roundTrip < question.limit) {
    const { files } = source;
    invariant(files !== null, 'a server that accepts connections has files');
    const answer: LeaderHistory = {
      kind: 'known',
      member,
      askedAt,
      inRecovery: source.server.kind === 'standby',
      ...(source.server.kind === 'standby' && { walEnd: walPosition(source.position) }),
      systemId: files.systemId,
      history: historyOf(files.branch),
      sameWal:
        question.own === null || postgres.files === null ? 'unknown' : sameWal(question.own, postgres.files, files),
      ...(question.own === null
        ? {}
        : { nextWal: stillHas(files.walFrom, Number(question.own.end)) ? 'kept' : 'removed' }),
    };
    kernel.after(roundTrip, asker, 'history', () => answered(answer));
    return;
  }
  const refusesAtOnce = source !== null && source.silentSince === null && network.connects(place, source.host);
  kernel.after(refusesAtOnce ? roundTrip : question.limit, asker, 'no history', () => {
    answered({ kind: 'no-answer', member, askedAt, reason: 'the server does not answer' });
  });
}
