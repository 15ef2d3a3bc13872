import { describe, expect, it } from 'vitest';
import { logicalSlot, unusedSlot } from '../../test/support/slots.ts';
import { readDynamicConfig } from '../wire/config/dynamic.ts';
import type { JsonObject } from './json.ts';
import { configuredSlots, isIgnored } from './permanent-slots.ts';

const read = (document: JsonObject) => configuredSlots(readDynamicConfig(document).config);
const logical = { type: 'logical', database: 'shop', plugin: 'pgoutput' };

describe('permanent slots in the dynamic configuration (ha.md SL6)', () => {
  it.each<[string, JsonObject, object]>([
    ['nothing at all', {}, []],
    ['a physical one, however little is said of it', { slots: { s: null } }, [{ name: 's', kind: 'physical' }]],
    ['by its type', { slots: { s: { type: 'physical' } } }, [{ kind: 'physical' }]],
    [
      'a logical one, by its type or by what it needs',
      { slots: { s: logical, t: { database: 'shop', plugin: 'pgoutput' } } },
      [
        { name: 's', kind: 'logical', database: 'shop', plugin: 'pgoutput' },
        { name: 't', kind: 'logical' },
      ],
    ],
    ['for one kind of cluster', { slots: { s: { cluster_type: 'standby' } } }, [{ clusterType: 'standby' }]],
    ['CONF-49: permanent_slots hides slots', { permanent_slots: { a: null }, slots: { b: null } }, [{ name: 'a' }]],
    [
      'permanent_replication_slots hides both',
      { permanent_replication_slots: { c: null }, permanent_slots: { a: null }, slots: { b: null } },
      [{ name: 'c' }],
    ],
    ['what is empty hides nothing', { permanent_slots: {}, slots: { b: null } }, [{ name: 'b' }]],
  ])('%s', (_, document, expected) => {
    const { permanent, problems } = read(document);

    expect(permanent).toMatchObject(expected);
    expect(permanent).toHaveLength((expected as readonly unknown[]).length);
    expect(problems).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ['a name that no slot can have', { slots: { 'a-b': null } }],
    ['a type that there is not', { slots: { s: { type: 'round' } } }],
    ['a logical one without a plugin', { slots: { s: { type: 'logical', database: 'shop' } } }],
    ['what is no dictionary', { slots: { s: 'yes' } }],
  ])('%s is said and skipped', (_, document) => {
    expect(read(document)).toMatchObject({ permanent: [], problems: [expect.any(String)] });
  });

  it('other entries count all the same', () => {
    expect(read({ slots: { 'a-b': null, s: null } }).permanent.map(({ name }) => name)).toEqual(['s']);
  });
});

describe('slots that are left to somebody else (ha.md SL10)', () => {
  const ignored = (patterns: JsonObject[], slot = logicalSlot('x')) =>
    isIgnored(slot, read({ ignore_slots: patterns }).ignored);

  it('need every given field to be equal', () => {
    expect(ignored([{ name: 'x' }])).toBe(true);
    expect(ignored([{ name: 'y' }])).toBe(false);
    expect(ignored([{ name: 'x', type: 'physical' }])).toBe(false);
    expect(ignored([{ name: 'x', type: 'logical', database: 'shop', plugin: 'pgoutput' }])).toBe(true);
    expect(ignored([{ database: 'other' }, { plugin: 'pgoutput' }])).toBe(true);
  });

  it('a physical one has no database that could be equal', () => {
    expect(ignored([{ database: 'shop' }], unusedSlot('p'))).toBe(false);
    expect(ignored([{ type: 'physical' }], unusedSlot('p'))).toBe(true);
  });

  it('nothing configured leaves nothing', () => {
    expect(ignored([])).toBe(false);
  });
});
