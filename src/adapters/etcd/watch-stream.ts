import type { Revision } from '../../domain/names.ts';
import type { Millis } from '../../domain/time.ts';
import { prefixRange } from './pairs.ts';
import type { Event, WatchRequest, WatchResponse } from './rpc.generated.ts';
import { methods } from './rpc-methods.ts';
import type { EtcdSession, SessionStream } from './session.ts';

export type WatchStreamOptions = {
  readonly session: EtcdSession;
  readonly prefix: string;
  /** The first revision to hear of. */
  readonly from: Revision;
  readonly events: (events: readonly Event[]) => void;
  readonly probe: Probe;
  /** Ends the stream; its reason is a text. */
  readonly signal: AbortSignal;
};

/** A stream silent for `every` is asked for its progress; one that then says nothing within `limit` hangs. */
export type Probe = { readonly every: Millis; readonly limit: Millis };

/**
 * One watch stream, from opening to its end.
 * @returns why it ended: it broke, the store cancelled it (compaction, permissions), it hung, or the signal came. A stream
 * that hung has moved the session to another endpoint.
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

function create(stream: SessionStream<WatchRequest>, { prefix, from }: WatchStreamOptions): void {
  const value = { ...prefixRange(prefix), startRevision: from, progressNotify: false };
  stream.send({ requestUnion: { $case: 'createRequest', value } });
}

function cancelReason(response: WatchResponse): string {
  if (response.compactRevision > 0n) return `the revision to go on from was compacted (${response.compactRevision})`;
  return `the store cancelled the watch: ${response.cancelReason}`;
}
