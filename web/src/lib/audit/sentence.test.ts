import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '$lib/api/types';
import { ADA, BEN, makeEntry } from './samples';
import { sentence, type Naming } from './sentence';
import { differences } from './values';

const names: Record<string, string> = { [ADA]: 'Ada', [BEN]: 'Ben' };
const name: Naming = (entry, id) =>
  names[id] ?? (entry.erased ? 'a person who was erased' : 'somebody who is no longer here');
const GONE = '0190aaaa-0000-7000-8000-00000000000c';

const of = (changes: Partial<AuditEntry>, sealed: Record<string, string> = {}): string =>
  sentence(makeEntry({ before: {}, after: {}, ...changes }, sealed), name);

describe('an entry is told', () => {
  it.each<[string, Partial<AuditEntry>]>([
    ['Ada changed Ben’s role from member to admin', { before: { role: 'member' }, after: { role: 'admin' } }],
    [
      'Ben signed in with password and a code',
      { act: 'auth.signed_in', actor_id: BEN, after: { methods: 'pwd otp mfa' } },
    ],
    ['Somebody failed to sign in as Ben', { act: 'auth.sign_in', actor_id: null, outcome: 'failed' }],
    [
      'Somebody failed to sign in to an account that does not exist',
      { act: 'auth.sign_in', actor_id: null, person_id: null, object_id: '', outcome: 'failed' },
    ],
    ['Ben changed their password', { act: 'auth.credential_changed', actor_id: BEN, object_type: 'password' }],
    ['Ada removed the passkey of Ben', { act: 'auth.credential_removed', object_type: 'passkey' }],
    ['Ada removed Ben from the organisation', { act: 'auth.member_removed' }],
    ['Ada handed the organisation over to Ben', { act: 'auth.member_ownership', after: { role: 'owner' } }],
    [
      'Ada switched the feature model server off',
      { act: 'auth.organisation_changed', after: { 'feature:model_server': 'off' } },
    ],
    [
      'Ada imported 200 bars of AAPL (1d)',
      { act: 'charts.bars_imported', person_id: null, object_id: 'AAPL', after: { count: '200', timeframe: '1d' } },
    ],
    [
      'Ada shared a chart of AAPL with anyone who has the link',
      { act: 'charts.chart_shared', person_id: null, after: { symbol: 'AAPL', audience: 'anyone', state: 'open' } },
    ],
    [
      'Ada ended the link to a chart of AAPL for the organisation',
      { act: 'charts.share_revoked', person_id: null, before: { symbol: 'AAPL', audience: 'organisation' } },
    ],
    ['Ada read 1 entry of this log', { act: 'audit.entries_read', person_id: ADA, after: { count: '1' } }],
    [
      'The master key of the installation was renewed',
      { act: 'auth.keys_rotated', actor_id: null, person_id: null, object_id: 'master' },
    ],
    ['Ada: desk.new_act (x)', { act: 'desk.new_act', object_id: 'x' }],
    [
      'A person who was erased left the organisation',
      { act: 'auth.member_left', actor_id: GONE, person_id: GONE, erased: true },
    ],
    ['Somebody who is no longer here signed out', { act: 'auth.signed_out', actor_id: GONE, person_id: GONE }],
  ])('%s', (told, changes) => {
    expect(of(changes)).toBe(told);
  });

  it('with words that were opened, and says where they are erased', () => {
    const room = { act: 'chat.room_made', person_id: ADA, object_type: 'room' };
    expect(of({ ...room, opened: { 'after.title': 'Oil desk' } }, { 'after.title': 'AAAA' })).toBe(
      'Ada made the room “Oil desk”',
    );
    expect(of({ ...room, erased: true }, { 'after.title': 'AAAA' })).toBe('Ada made the room (a name that was erased)');
  });

  it('where its text is archived away', () => {
    expect(of({ kept: 'archived_away', leaf: '' })).toContain('archived away');
  });
});

describe('before and after', () => {
  it('stand beside each other, with names for ids, and what differs is marked', () => {
    const entry = makeEntry(
      {
        before: { role: 'member', state: 'active' },
        after: { role: 'admin', state: 'active', [`member:${BEN}`]: 'in', owner: ADA, fields: 'x' },
        opened: { 'after.name': 'New' },
      },
      { 'after.name': 'AAAA', 'before.name': 'AAAA' },
    );
    expect(differences(entry, (id) => names[id])).toEqual([
      { field: 'Role', before: 'member', after: 'admin', changed: true },
      { field: 'State', before: 'active', after: 'active', changed: false },
      { field: 'Name', before: null, after: 'New', changed: true },
      { field: 'Member: Ben', before: undefined, after: 'in', changed: false },
      { field: 'Owner', before: undefined, after: 'Ada', changed: false },
    ]);
  });
});
