import { describe, expect, it } from 'vitest';
import type { Member } from '$lib/api/types';
import { givable, mayInvite, mayLink, mayRemove, type RoomRole } from './rights';

const ROLES: RoomRole[] = ['owner', 'moderator', 'member', 'reader'];

const one = (role: RoomRole, id: string = role, kind: 'person' | 'assistant' = 'person'): Member => ({
  author: { kind, id, name: id, picture: null },
  role,
  joined_at: '2026-01-01T00:00:00Z',
  silence: null,
});

const initials = (roles: RoomRole[]): string => roles.map((role) => (role === 'moderator' ? 'd' : role[0])).join('');

describe('rights in a room', () => {
  it('are those of the server’s table', () => {
    expect(initials(ROLES.filter((role) => mayInvite('open', role)))).toBe('odm');
    expect(initials(ROLES.filter((role) => mayLink('private', role)))).toBe('od');
    expect(ROLES.some((role) => mayInvite('direct', role) || mayLink('direct', role))).toBe(false);
  });

  it('let only who stands above take somebody out', () => {
    const out = ROLES.map((me) => ROLES.filter((other) => mayRemove('group', one(me, 'me'), one(other))));
    expect(out.map(initials)).toEqual(['dmr', 'mr', '', '']);
    expect(mayRemove('group', one('owner'), one('owner'))).toBe(false);
    expect(mayRemove('direct', one('owner', 'me'), one('member', 'desk', 'assistant'))).toBe(true);
    expect(mayRemove('direct', one('owner', 'me'), one('owner', 'b'))).toBe(false);
  });

  it('offer the roles that can be given', () => {
    const offered = (me: RoomRole, other: RoomRole): string => initials(givable('open', one(me, 'me'), one(other)));
    expect(ROLES.slice(1).map((other) => offered('owner', other))).toEqual(['odmr', 'odmr', 'odmr']);
    expect(ROLES.map((other) => offered('moderator', other))).toEqual(['', '', 'mr', 'mr']);
    expect(ROLES.map((other) => offered('member', other))).toEqual(['', '', '', '']);
    expect(givable('direct', one('owner', 'me'), one('owner', 'b'))).toEqual([]);
    expect(givable('open', one('owner', 'me'), one('member', 'desk', 'assistant'))).toEqual([]);
    expect(givable('open', one('owner', 'me'), one('owner', 'me'))).toEqual([]);
  });
});
