import type { Revision } from '../../domain/names.ts';
import type { Millis } from '../../domain/time.ts';
import { prefixRange } from './pairs.ts';
import { areOtherClusters } from './picture.ts';
import type { Event, WatchRequest, WatchResponse } from './rpc.generated.ts';
import { methods } from './rpc-methods.ts';
import type { EtcdSession, SessionStream } from './session.ts';

export type WatchStreamOptions = {
  readonly session: EtcdSession;
  readonly prefix: string;
  /** What is known: every change after it is wanted. */
  readonly since: { readonly clusterId: bigint; readonly revision: Revision };
  readonly events: (events: readonly Event[]) => void;
  /** Whoever serves the stream has not reached what is known: it lags, or was restored from a backup. A read tells. */
  readonly behind: () => void;
  readonly probe: Probe;
  /** Ends the stream; its reason is a text. */
  readonly signal: AbortSignal;
};

/** A stream silent for `every` is asked for its progress; one that then says nothing within `limit` hangs. */
export type Probe = { readonly every: Millis; readonly limit: Millis };

/**
 * One watch stream, from opening to its end.
 * @returns why it ended: it broke, the store cancelled it (compaction, permissions), it hung, the signal came, or
 * another cluster answers than the one of what is known. A stream that hung has moved the session to another endpoint.
 */
export async function followWatchStream(options: WatchStreamOptions): Promise<string> {
  const { session, probe, signal } = options;
  const ended = Promise.withResolvers<string>();
  let timer: NodeJS.Timeout | undefined;
  const after = (delay: Millis, action: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
  const opened = await session.openStream<WatchRequest, WatchResponse>(
    methods.watch,
    {
      message: (response) => {
        after(probe.every, ask);
        if (response.canceled) {
          ended.resolve(cancelReason(response));
          return;
        }
        if (isOfAnotherCluster(response, options.since)) {
          ended.resolve(`another etcd cluster answers (${response.header?.clusterId})`);
          return;
        }
        if (isBehind(response, options.since)) options.behind();
        if (response.events.length > 0) options.events(response.events);
      },
      ended: (failure) => ended.resolve(failure.reason),
    },
    probe.limit,
  );
  if (opened.kind !== 'open') return opened.reason;
  const { stream } = opened;
  const hangs = (): void => {
    const reason = `the watch said nothing for ${probe.limit} ms when asked`;
    stream.leave(reason);
    ended.resolve(reason);
  };
  const ask = (): void => {
    stream.send({ requestUnion: { $case: 'progressRequest', value: {} } });
    after(probe.limit, hangs);
  };
  const stop = (): void => ended.resolve(String(signal.reason));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  create(stream, options);
  after(probe.limit, hangs);
  const reason = await ended.promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  stream.cancel();
  return reason;
}

function create(stream: SessionStream<WatchRequest>, { prefix, since }: WatchStreamOptions): void {
  const value = { ...prefixRange(prefix), startRevision: since.revision + 1n, progressNotify: false };
  stream.send({ requestUnion: { $case: 'createRequest', value } });
}

function isOfAnotherCluster({ header }: WatchResponse, since: WatchStreamOptions['since']): boolean {
  return header !== undefined && areOtherClusters(header.clusterId, since.clusterId);
}

/**
 * A store that was restored from a backup does not know what was read before; of its changes an etcd would tell only those
 * of revisions that it has not reached yet, and they would be taken for changes of the picture from before.
 */
function isBehind({ created, header }: WatchResponse, since: WatchStreamOptions['since']): boolean {
  return created && header !== undefined && header.revision < since.revision;
}

function cancelReason(response: WatchResponse): string {
  if (response.compactRevision > 0n) return `the revision to go on from was compacted (${response.compactRevision})`;
  return `the store cancelled the watch: ${response.cancelReason}`;
}
