import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Follower } from '$lib/realtime/client';
import { AGAIN_MS, RoomTyping, typingLine } from './typing.svelte';

const ada = { person_id: 'ada', name: 'Ada' };
const bob = { person_id: 'bob', name: 'Bob' };
const me = { person_id: 'me', name: 'Me' };

describe('the line of who types', () => {
  it('names one and two, and counts the rest', () => {
    expect(typingLine([ada], 1, 'me')).toBe('Ada is typing…');
    expect(typingLine([ada, bob], 2, 'me')).toBe('Ada and Bob are typing…');
    expect(typingLine([ada, bob], 7, 'me')).toBe('Ada and 6 others are typing…');
  });

  it('leaves out who reads it', () => {
    expect(typingLine([me], 1, 'me')).toBe('');
    expect(typingLine([me, ada], 2, 'me')).toBe('Ada is typing…');
    expect(typingLine([ada, me, bob], 3, 'me')).toBe('Ada and Bob are typing…');
    expect(typingLine([], 0, 'me')).toBe('');
  });
});

describe('typing in a room', () => {
  let said: boolean[] = [];
  let follower: Follower;
  let left = false;
  const client = {
    follow: (_: string, __: string, given: Follower) => {
      follower = given;
      return () => (left = true);
    },
    signal: (_: string, body: object) => void said.push((body as { typing: boolean }).typing),
  };

  beforeEach(() => {
    vi.useFakeTimers();
    said = [];
    left = false;
  });

  afterEach(() => vi.useRealTimers());

  it('says so at once, again every three seconds, and when it stops', () => {
    const typing = new RoomTyping('room', client);
    typing.stopped();
    for (let key = 0; key < 50; key += 1) typing.typed(false);
    expect(said).toEqual([true]);
    vi.advanceTimersByTime(AGAIN_MS);
    typing.typed(false);
    typing.typed(true);
    typing.stopped();
    expect(said).toEqual([true, true, false]);
    typing.typed(false);
    typing.close();
    expect(said).toEqual([true, true, false, true, false]);
    expect(left).toBe(true);
  });

  it('shows the newest state, and nobody once the room is closed to one', () => {
    const typing = new RoomTyping('room', client);
    follower.onUpdate({ people: [ada], count: 1 }, 1);
    expect([typing.people, typing.count]).toEqual([[ada], 1]);
    follower.onError?.('not_found', '');
    expect([typing.people, typing.count]).toEqual([[], 0]);
    typing.close();
  });
});
