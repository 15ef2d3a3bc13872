import type { JsonObject } from '../../domain/json.ts';

const text: JsonObject = { type: 'string' };
const yes: JsonObject = { const: true };
const position: JsonObject = { type: 'integer', minimum: 0, description: 'Bytes from the beginning of the WAL.' };
const nullable = (type: string): JsonObject => ({ type: [type, 'null'] });
const tags: JsonObject = { type: 'object', additionalProperties: true };
const pendingReason: JsonObject = {
  type: 'object',
  additionalProperties: { type: 'object', properties: { old_value: text, new_value: text } },
};

/** What answers look like (spec/rest-api.md 6 and 10). Flags are `true` or not there. */
export const answerSchemas = {
  Anything: {},
  NodeStatus: {
    type: 'object',
    required: ['state', 'role', 'dcs_last_seen'],
    additionalProperties: false,
    properties: {
      state: text,
      postmaster_start_time: text,
      role: {
        type: 'string',
        enum: ['primary', 'replica', 'standby_leader', 'demoted', 'uninitialized', 'promoted', 'unknown'],
      },
      server_version: { type: 'integer' },
      xlog: {
        type: 'object',
        properties: {
          location: position,
          received_location: position,
          replayed_location: { type: ['integer', 'null'] },
          replayed_timestamp: nullable('string'),
          paused: { type: 'boolean' },
        },
      },
      sync_standby: yes,
      quorum_standby: yes,
      timeline: nullable('integer'),
      replication_state: { type: 'string', enum: ['streaming', 'in archive recovery'] },
      replication: { type: 'array', items: { $ref: '#/components/schemas/WalSender' } },
      pause: yes,
      cluster_unlocked: yes,
      failsafe_mode_is_active: yes,
      dcs_last_seen: { type: 'integer', description: 'Seconds since 1970; 0: never.' },
      tags,
      database_system_identifier: text,
      pending_restart: yes,
      pending_restart_reason: pendingReason,
      patroni: {
        type: 'object',
        required: ['version', 'scope', 'name'],
        properties: { version: text, scope: text, name: text },
      },
      scheduled_restart: { type: 'object' },
      watchdog_failed: yes,
      failsafe_unpromised: {
        ...yes,
        description:
          'In failsafe mode: this member has left the lead to nobody without the store. Not said by Patroni.',
      },
      diverged: {
        ...yes,
        description:
          'What lies here has parted from the last leader, and does not lead by itself. Not said by Patroni.',
      },
    },
  },
  WalSender: {
    type: 'object',
    properties: {
      usename: nullable('string'),
      application_name: nullable('string'),
      client_addr: nullable('string'),
      state: nullable('string'),
      sync_state: nullable('string'),
      sync_priority: nullable('integer'),
    },
  },
  Cluster: {
    type: 'object',
    required: ['members', 'scope'],
    properties: {
      members: { type: 'array', items: { $ref: '#/components/schemas/Member' } },
      pause: yes,
      scheduled_switchover: { type: 'object', required: ['at'], properties: { at: text, from: text, to: text } },
      scope: text,
    },
  },
  Member: {
    type: 'object',
    required: ['name', 'role', 'state', 'api_url'],
    properties: {
      name: text,
      role: { type: 'string', enum: ['leader', 'standby_leader', 'sync_standby', 'quorum_standby', 'replica'] },
      state: text,
      api_url: nullable('string'),
      host: text,
      port: { type: 'integer' },
      timeline: { type: 'integer' },
      pending_restart: yes,
      pending_restart_reason: pendingReason,
      scheduled_restart: { type: 'object' },
      tags,
      receive_lag: { type: ['integer', 'string'], description: 'Bytes, or `unknown`.' },
      receive_lsn: text,
      replay_lag: { type: ['integer', 'string'], description: 'Bytes, or `unknown`.' },
      replay_lsn: text,
      lag: { type: ['integer', 'string'], description: 'Bytes, or `unknown`.' },
      lsn: text,
    },
  },
  History: {
    type: 'array',
    items: {
      type: 'array',
      minItems: 3,
      maxItems: 5,
      prefixItems: [{ type: 'integer' }, position, text, nullable('string'), text],
    },
  },
  FailsafeMembers: { type: 'object', additionalProperties: text },
  Decision: {
    type: 'object',
    required: ['member', 'scope', 'rule', 'action', 'waits_for', 'facts', 'refused', 'since'],
    properties: {
      member: text,
      scope: text,
      rule: text,
      action: { type: 'object', required: ['kind'], properties: { kind: text } },
      waits_for: nullable('string'),
      facts: { type: 'object' },
      refused: { type: 'array', items: { type: 'object', properties: { alternative: text, because: text } } },
      since: text,
    },
  },
  Events: {
    type: 'object',
    required: ['events'],
    properties: { events: { type: 'array', items: { $ref: '#/components/schemas/Event' } } },
  },
  Event: {
    type: 'object',
    required: ['at', 'member', 'event', 'rule', 'level', 'facts'],
    additionalProperties: false,
    properties: {
      at: { type: 'string', format: 'date-time' },
      member: text,
      event: text,
      rule: nullable('string'),
      level: { type: 'string', enum: ['error', 'warn', 'info'] },
      facts: { type: 'object' },
    },
  },
  Succession: {
    type: 'object',
    required: ['leader', 'lsn', 'maximum_lag_bytes', 'members'],
    properties: {
      leader: text,
      lsn: nullable('string'),
      maximum_lag_bytes: { type: 'integer' },
      members: { type: 'array', items: { type: 'object' } },
    },
  },
} as const satisfies Readonly<Record<string, JsonObject>>;
