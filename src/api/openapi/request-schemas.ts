import type { JsonObject } from '../../domain/json.ts';

const text: JsonObject = { type: 'string' };
const time: JsonObject = {
  type: 'string',
  description: 'ISO 8601 with its offset, or another form that leaves nothing open.',
};

/** What bodies of requests look like; what they mean is judged by `src/wire/rest`. */
export const requestSchemas = {
  Handover: {
    type: 'object',
    minProperties: 1,
    properties: {
      leader: { ...text, description: 'Who leads now; needed for a switchover.' },
      candidate: { ...text, description: 'Who shall lead; needed for a failover.' },
      member: { ...text, deprecated: true, description: 'The former name of `candidate`.' },
      scheduled_at: time,
    },
  },
  Restart: {
    type: 'object',
    additionalProperties: false,
    properties: {
      role: { type: 'string', enum: ['primary', 'standby_leader', 'replica'] },
      postgres_version: { ...text, description: 'Only if the server is older: `16.3`.' },
      restart_pending: { description: 'Only if a restart is pending; that it is there is what counts.' },
      timeout: { type: ['integer', 'number', 'string'], description: 'Seconds, or with a unit: `2min`.' },
      schedule: time,
    },
  },
  Reinitialize: {
    type: 'object',
    properties: {
      force: { type: ['boolean', 'string'], description: 'End the task that runs first.' },
      from_leader: { type: ['boolean', 'string'] },
    },
  },
  DynamicConfig: {
    type: 'object',
    description: 'Any keys; those that are known have these types.',
    properties: {
      ttl: { type: ['integer', 'string', 'null'] },
      loop_wait: { type: ['integer', 'string', 'null'] },
      retry_timeout: { type: ['integer', 'string', 'null'] },
      maximum_lag_on_failover: { type: ['integer', 'string', 'null'] },
      pause: { type: ['boolean', 'string', 'null'] },
      failsafe_mode: { type: ['boolean', 'string', 'null'] },
      synchronous_mode: { type: ['boolean', 'string', 'null'] },
      postgresql: { type: ['object', 'null'] },
      slots: { type: ['object', 'null'] },
      standby_cluster: { type: ['object', 'null'] },
    },
  },
  FailsafeCall: {
    type: 'object',
    required: ['name', 'conn_url', 'api_url'],
    properties: {
      name: text,
      conn_url: text,
      api_url: text,
      slots: { type: 'object', additionalProperties: { type: ['integer', 'string'] } },
      ttl: { type: 'number', description: 'Matriarch’s own: for how many seconds.' },
    },
  },
  MppEvent: {
    type: 'object',
    minProperties: 1,
    properties: {
      type: { type: 'string', enum: ['before_demote', 'before_promote', 'after_promote'] },
      group: { type: 'integer' },
      leader: text,
      timeout: { type: 'number' },
      cooldown: { type: 'number' },
    },
  },
} as const satisfies Readonly<Record<string, JsonObject>>;
