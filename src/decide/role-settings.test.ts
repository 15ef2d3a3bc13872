import { describe, expect, test } from 'vitest';
import { decided, leader, replica } from '../../test/support/observations.ts';
import { effectivePostgres } from '../domain/effective-postgres.ts';
import type { JsonObject } from '../domain/json.ts';
import { desiredPrimary, desiredStandby } from './desired-postgres.ts';

const settings = (local: JsonObject) => effectivePostgres({ local, dynamic: {} }).effective;
const own = settings({ pg_hba: ['all'], pg_hba_primary: ['p'], pg_hba_replica: ['r'], pg_hba_standby_leader: ['s'] });

describe('what the files say in each role', () => {
  test('CONF-51: as soon as a promoted server is seen as primary, pg_hba is exactly pg_hba_primary', () => {
    const asReplica = desiredStandby(replica({ effective: own }).o, null);
    const promoted = leader({ effective: own, memory: { applied: asReplica } });

    expect(decided(promoted)).toMatchObject({
      rule: 'apply-configuration',
      action: { kind: 'reconfigure', desired: { hba: ['p'] } },
    });
  });

  test('a replica’s are those of replicas', () => {
    expect(desiredStandby(replica({ effective: own }).o, null).hba).toEqual(['r']);
  });

  test('a standby leader’s are its own, and those of who follows it are a replica’s', () => {
    const dynamic = { standby_cluster: { host: 'h' } };
    expect(desiredStandby(leader({ effective: own, dynamic }).o, null).hba).toEqual(['s']);
    expect(desiredStandby(replica({ effective: own, dynamic }).o, null).hba).toEqual(['r']);
  });

  test('a role without settings of its own has those of all', () => {
    const { o } = leader({ effective: settings({ pg_hba: ['all'], pg_hba_replica: ['r'] }) });
    expect(desiredPrimary(o).hba).toEqual(['all']);
  });
});
