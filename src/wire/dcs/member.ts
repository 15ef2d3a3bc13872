import type { Member, PublishedRole } from '../../domain/cluster-view.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import type { MemberName } from '../../domain/names.ts';
import type { StoredPair } from '../../domain/stored-pair.ts';
import { isTruthy } from '../../domain/tags.ts';
import { objectIn, positionIn, textIn, timelineIn } from './lenient.ts';

/**
 * Read a member's key. Whatever it holds, there is a member of that name; what cannot be read of it is not known.
 * @see spec/dcs.md 1.6
 */
export function readMember(name: MemberName, pair: StoredPair): Member {
  const published = publishedIn(pair.value);
  return {
    name,
    lease: pair.lease,
    modRevision: pair.modRevision,
    agent: textIn(published['agent'])?.startsWith('matriarch/') === true ? 'ours' : 'foreign',
    connUrl: textIn(published['conn_url']),
    apiUrl: textIn(published['api_url']),
    state: textIn(published['state']) ?? 'unknown',
    role: roleIn(published['role']),
    version: textIn(published['version']),
    // Any value means "not yet", false too: it is taken away once the checkpoint is done.
    checkpointAfterPromote: Object.hasOwn(published, 'checkpoint_after_promote') ? 'pending' : 'done',
    tags: isJsonObject(published['tags']) ? published['tags'] : {},
    position: positionIn(published['xlog_location']),
    receiveLsn: positionIn(published['receive_lsn']),
    replayLsn: positionIn(published['replay_lsn']),
    replicationState: textIn(published['replication_state']),
    timeline: timelineIn(published['timeline']),
    pause: isTruthy(published['pause']),
    published,
  };
}

function publishedIn(text: string): JsonObject {
  return text.startsWith('postgres') ? ancientForm(text) : (objectIn(text) ?? {});
}

/** Before there was JSON: the connection URL with the API's address as its `application_name` (C-05). */
function ancientForm(text: string): JsonObject {
  const question = text.indexOf('?');
  if (question === -1) return { conn_url: text };
  const apiUrl = new URLSearchParams(text.slice(question + 1)).get('application_name');
  const connUrl = { conn_url: text.slice(0, question) };
  return apiUrl === null ? connUrl : { ...connUrl, api_url: apiUrl };
}

function roleIn(json: Json | undefined): PublishedRole {
  return (typeof json === 'string' ? ROLES.get(json) : undefined) ?? 'unknown';
}

/** `master` was written before 4.0 (C-17). */
const ROLES: ReadonlyMap<string, PublishedRole> = new Map([
  ['master', 'primary'],
  ['primary', 'primary'],
  ['replica', 'replica'],
  ['standby_leader', 'standby_leader'],
  ['promoted', 'promoted'],
  ['demoted', 'demoted'],
  ['uninitialized', 'uninitialized'],
]);
