import type { JsonObject } from '../../domain/json.ts';
import type { CommandName, DocumentName } from '../route.ts';
import type { answerSchemas } from './answer-schemas.ts';
import { lagParameter } from './health-checks.ts';
import type { requestSchemas } from './request-schemas.ts';

/** One operation in our words; `openapi-document.ts` puts them into the ones of the standard. */
export type Operation = {
  readonly summary: string;
  readonly tag: 'health' | 'status' | 'operate';
  readonly parameters?: readonly JsonObject[];
  readonly body?: { readonly schema: keyof typeof requestSchemas; readonly need: 'needed' | 'optional' };
  readonly answers: Readonly<Record<number, Answer>>;
};

/** Without a schema and a type: a sentence, or nothing at all. */
export type Answer = {
  readonly description: string;
  readonly schema?: keyof typeof answerSchemas | keyof typeof requestSchemas;
  readonly type?: string;
};

const malformed: Operation['answers'] = {
  400: { description: 'The body asks for nothing that makes sense; nothing was done.' },
  411: { description: 'The request does not say how long its body is.' },
};
const withoutStore: Operation['answers'] = { 503: { description: 'Not known: the store does not answer.' } };
const statusOnly: Operation['answers'] = { 200: { description: 'Yes.' }, 503: { description: 'No.' } };

export const succession: Operation = {
  summary: 'Who could take over from the leader that is asked, and why the others could not.',
  tag: 'status',
  answers: { 200: { description: 'The members.', schema: 'Succession' } },
};

export const operationOfDocument: Readonly<Record<DocumentName, Operation>> = {
  patroni: {
    summary: 'What this member is and does.',
    tag: 'status',
    answers: { 200: { description: 'Its status, whatever it is.', schema: 'NodeStatus' } },
  },
  cluster: {
    summary: 'All members, as the store shows them.',
    tag: 'status',
    answers: { 200: { description: 'The cluster.', schema: 'Cluster' }, ...withoutStore },
  },
  history: {
    summary: 'When timelines ended, and why.',
    tag: 'status',
    answers: { 200: { description: 'One list for each timeline that ended.', schema: 'History' }, ...withoutStore },
  },
  config: {
    summary: 'The dynamic configuration.',
    tag: 'status',
    answers: {
      200: { description: 'As it is stored.', schema: 'DynamicConfig' },
      502: { description: 'There is none, or nothing that can be read.' },
      ...withoutStore,
    },
  },
  metrics: {
    summary: 'Metrics for Prometheus.',
    tag: 'status',
    answers: { 200: { description: 'Prometheus’ text format.', type: 'text/plain' } },
  },
  liveness: {
    summary: 'Does the agent still work? If not, it is to be restarted.',
    tag: 'health',
    answers: statusOnly,
  },
  readiness: {
    summary: 'May traffic be sent here: the leader, or a replica that streams and is close enough?',
    tag: 'health',
    parameters: [
      lagParameter,
      {
        name: 'mode',
        in: 'query',
        description: '`write`: by what was received. Else by what was replayed.',
        schema: { type: 'string', enum: ['apply', 'write'] },
      },
    ],
    answers: statusOnly,
  },
  failsafe: {
    summary: 'Whom a leader without the store asks.',
    tag: 'status',
    answers: {
      200: { description: 'Member name to API address.', schema: 'FailsafeMembers' },
      502: { description: 'The mode is off, or nobody was listed yet.' },
    },
  },
  decision: {
    summary: 'What the agent does now, by which rule, on which facts, and what it waits for.',
    tag: 'status',
    answers: { 200: { description: 'The decision in force.', schema: 'Decision' } },
  },
  events: {
    summary: 'What changed at this member, and why; kept over restarts of the agent.',
    tag: 'status',
    parameters: [
      {
        name: 'limit',
        in: 'query',
        description: 'How many of the newest; all that are kept where it is missing.',
        schema: { type: 'integer', minimum: 0 },
      },
    ],
    answers: { 200: { description: 'Newest last.', schema: 'Events' } },
  },
  'openapi.json': {
    summary: 'This description.',
    tag: 'status',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: 'Anything' } },
  },
};

const handover: Operation['answers'] = {
  200: { description: 'Another member has the lock.' },
  202: { description: 'Scheduled.' },
  412: { description: 'The cluster is not as the request says, or nobody could take over.' },
  422: { description: 'The time has passed, or cannot be read.' },
  503: { description: 'It failed, or nobody knows yet.' },
  ...malformed,
};

const changedConfig: Operation['answers'] = {
  200: { description: 'The configuration as it is now.', schema: 'DynamicConfig' },
  ...malformed,
};

export const operationOfCommand: Readonly<Record<CommandName, Operation>> = {
  switchover: {
    summary: 'Hand the lead over, now or at a time.',
    tag: 'operate',
    body: { schema: 'Handover', need: 'needed' },
    answers: handover,
  },
  failover: {
    summary: 'Make a member the leader, with or without one to hand over.',
    tag: 'operate',
    body: { schema: 'Handover', need: 'needed' },
    answers: handover,
  },
  'cancel-switchover': {
    summary: 'Forget the scheduled switchover.',
    tag: 'operate',
    answers: {
      200: { description: 'Forgotten.' },
      404: { description: 'None is scheduled.' },
      409: { description: 'Somebody else changed it at the same time.' },
    },
  },
  restart: {
    summary: 'Restart PostgreSQL, now or at a time.',
    tag: 'operate',
    body: { schema: 'Restart', need: 'optional' },
    answers: {
      200: { description: 'Restarted.' },
      202: { description: 'Scheduled.' },
      409: { description: 'One is scheduled already.' },
      422: { description: 'The time has passed, or cannot be read.' },
      500: { description: 'A restart cannot be scheduled in a pause.' },
      503: { description: 'It failed, another task runs, or its conditions are not met.' },
      ...malformed,
    },
  },
  'cancel-restart': {
    summary: 'Forget the scheduled restart.',
    tag: 'operate',
    answers: { 200: { description: 'Forgotten.' }, 404: { description: 'None is scheduled.' } },
  },
  reinitialize: {
    summary: 'Replace the data of this replica by a new copy.',
    tag: 'operate',
    body: { schema: 'Reinitialize', need: 'optional' },
    answers: {
      200: { description: 'Begun.' },
      503: { description: 'Nobody leads, this member does, or another task runs.' },
      ...malformed,
    },
  },
  'patch-config': {
    summary: 'Change some of the dynamic configuration: `null` removes a key, maps are merged.',
    tag: 'operate',
    body: { schema: 'DynamicConfig', need: 'needed' },
    answers: {
      ...changedConfig,
      409: { description: 'Somebody else changed it at the same time; nothing was written.' },
      503: { description: 'There is none to change, or the store did not confirm.' },
    },
  },
  'put-config': {
    summary: 'Replace the whole dynamic configuration.',
    tag: 'operate',
    body: { schema: 'DynamicConfig', need: 'needed' },
    answers: { ...changedConfig, 502: { description: 'The store did not confirm.' } },
  },
  reload: {
    summary: 'Read the configuration file and the certificates anew.',
    tag: 'operate',
    answers: { 202: { description: 'Heard. What cannot be used changes nothing, and is in the log.' } },
  },
  failsafe: {
    summary: 'From a leader that the store does not answer: may it go on?',
    tag: 'operate',
    body: { schema: 'FailsafeCall', need: 'needed' },
    answers: {
      200: { description: '`Accepted`, with the position of this member in the header `lsn`.' },
      500: { description: 'No: this member leads, or gave its word to another.' },
      502: { description: 'The mode is off.' },
      ...malformed,
    },
  },
  sigterm: {
    summary: 'Does nothing, as on every Unix.',
    tag: 'operate',
    answers: { 202: { description: 'Heard.' } },
  },
  citus: {
    summary: 'From a worker of a distributed cluster; heard, and without effect here.',
    tag: 'operate',
    body: { schema: 'MppEvent', need: 'needed' },
    answers: { 200: { description: 'Heard.' }, ...malformed },
  },
};
