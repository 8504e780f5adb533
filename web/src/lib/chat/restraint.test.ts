import { describe, expect, it } from 'vitest';
import type { Member, Message, Room } from '$lib/api/types';
import { countdown, heldBack, type Standing } from './restraint';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

function standing(more: { room?: object; mine?: object; said?: number }): Standing {
  const room = {
    slow_s: 0,
    place: { role: 'member', silence: null, may_post_at: null },
    ...more.room,
  } as unknown as Room;
  const mine = { author: { id: 'me' }, role: 'member', silence: null, ...more.mine } as unknown as Member;
  const said = { author: { id: 'me' }, created_at: at(more.said ?? -1000) } as unknown as Message;
  return { room, members: more.mine ? [mine] : [], messages: more.said === undefined ? [] : [said], me: 'me' };
}

describe('what holds somebody back', () => {
  it('is nothing as a rule', () => {
    expect(heldBack(standing({ said: -1 }), NOW)).toBeNull();
    expect(heldBack({ room: null, members: [], messages: [], me: 'me' }, NOW)).toBeNull();
  });

  it('is a silence until its end, which members are told', () => {
    const mine = { silence: { since: at(-60), until: at(60) } };
    expect(heldBack(standing({ mine }), NOW)).toEqual({ why: 'silenced', until: NOW + 60_000 });
    expect(heldBack(standing({ mine }), NOW + 60_000)).toBeNull();
    const forever = { silence: { since: at(-60), until: null } };
    expect(heldBack(standing({ mine: forever }), NOW)).toEqual({ why: 'silenced', until: null });
  });

  it('is known before the members are, and lifted by them', () => {
    const room = { place: { role: 'member', may_post_at: null, silence: { since: at(-60), until: null } } };
    expect(heldBack(standing({ room }), NOW)?.why).toBe('silenced');
    expect(heldBack(standing({ room, mine: { silence: null } }), NOW)).toBeNull();
  });

  it('is slow mode after one’s own newest message, here or on another device', () => {
    expect(heldBack(standing({ room: { slow_s: 30 }, said: -10 }), NOW)?.until).toBe(NOW + 20_000);
    expect(heldBack(standing({ room: { slow_s: 30 }, said: -30 }), NOW)).toBeNull();
    const place = { role: 'member', silence: null, may_post_at: at(5) };
    expect(heldBack(standing({ room: { slow_s: 30, place } }), NOW)?.until).toBe(NOW + 5_000);
  });

  it('is not slow mode for who looks after the room', () => {
    const place = { role: 'moderator', silence: null, may_post_at: null };
    expect(heldBack(standing({ room: { slow_s: 30, place }, said: -1 }), NOW)).toBeNull();
  });

  it('counts down to nought', () => {
    expect([59_001, 60_000, 3_661_000, 1, 0, -5].map(countdown)).toEqual([
      '1:00',
      '1:00',
      '1:01:01',
      '0:01',
      '0:00',
      '0:00',
    ]);
  });
});
