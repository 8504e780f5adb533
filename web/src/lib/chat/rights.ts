/** What each role may do in a room, as services/chat/rights.py has it: only what cannot fail is offered. */
import type { Member } from '$lib/api/types';
import type { RoomKind } from './naming';

export type RoomRole = Member['role'];

export const ASSISTANT_ID = '00000000-0000-7000-8000-0000000000a1';
const ROLES: RoomRole[] = ['owner', 'moderator', 'member', 'reader'];

function outranks(one: RoomRole, other: RoomRole): boolean {
  return ROLES.indexOf(one) < ROLES.indexOf(other);
}

export function mayInvite(kind: RoomKind, role: RoomRole): boolean {
  return kind !== 'direct' && role !== 'reader';
}

export function mayLink(kind: RoomKind, role: RoomRole): boolean {
  return kind !== 'direct' && (role === 'owner' || role === 'moderator');
}

/** Whether somebody may take another member out; leaving is another matter. */
export function mayRemove(kind: RoomKind, me: Member, member: Member): boolean {
  if (member.author.id === me.author.id || !(me.role === 'owner' || me.role === 'moderator')) return false;
  return (kind !== 'direct' || member.author.kind === 'assistant') && outranks(me.role, member.role);
}

/** The roles that somebody may give another member, with the one that they have; none when they may give none. */
export function givable(kind: RoomKind, me: Member, member: Member): RoomRole[] {
  if (kind === 'direct' || member.author.kind === 'assistant' || member.author.id === me.author.id) return [];
  if (me.role === 'owner') return ROLES;
  return me.role === 'moderator' && outranks(me.role, member.role) ? ['member', 'reader'] : [];
}
