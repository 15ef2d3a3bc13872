/** Grows when a reader of older traces would misread a newer one. */
export const TRACE_VERSION = 2;

export type TracedMachine = 'agent' | 'heartbeat' | 'guardian';

/**
 * One line of a trace: a machine's life, written down so that it can be lived again (`matriarch replay`).
 * A file holds one life after the other; each begins with its `start`.
 */
export type TraceLine<Start, State, Step> =
  | { readonly trace: typeof TRACE_VERSION; readonly machine: TracedMachine; readonly start: Start }
  /**
   * The life goes on from here, after `dropped` steps that were not written: the disk was too slow for them. None were
   * dropped where a full file was put aside.
   */
  | {
      readonly trace: typeof TRACE_VERSION;
      readonly machine: TracedMachine;
      readonly resumed: State;
      readonly dropped: number;
    }
  | ({ readonly step: number } & Step);

/** Where a driver tells what its machine did. Never waits, never throws. */
export type Tracer<Start, State, Step> = {
  began(start: Start): void;
  /** @param state after the step: what the trace goes on from when steps had to be dropped. */
  stepped(step: Step, state: State): void;
};
