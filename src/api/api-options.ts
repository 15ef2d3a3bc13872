import type { ApiConfig } from '../domain/agent-config.ts';
import type { MeterReadings } from '../domain/meter-readings.ts';
import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import type { AgentRequest, RequestAnswer } from '../domain/requests.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventHistory } from '../ports/event-history.ts';
import type { Log } from '../ports/log.ts';
import type { LookUp } from '../ports/names.ts';

/** What the REST API serves from, and whom it hands requests to. */
export type ApiOptions = {
  readonly config: ApiConfig;
  /** What the agent knew after its last step; `null` before the first. The same object until the next step. */
  readonly snapshot: () => NodeSnapshot | null;
  readonly clock: Clock;
  /** Hands a request to the agent machine; settles with its answer, however long that takes (it bounds itself). */
  readonly request: (request: AgentRequest) => Promise<RequestAnswer>;
  readonly meters: () => MeterReadings;
  readonly events: EventHistory;
  readonly lookUp: LookUp;
  readonly log: Log;
};
