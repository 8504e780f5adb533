import { expect, test } from 'vitest';
import type { Member } from '$lib/api/types';
import { describePlan, hintOf } from './duties';

const somebody = (kind: 'person' | 'assistant'): Member => ({
  author: { kind, id: kind, name: kind, picture: null },
  role: 'member',
  joined_at: '2026-01-05T09:00:00Z',
  silence: null,
});

test.each([
  [[1, 2, 3, 4, 5, 6, 7], 'Every day at 17:00'],
  [[5, 4, 3, 2, 1], 'Every weekday at 17:00'],
  [[3], 'Every Wednesday at 17:00'],
  [[7, 1, 5], 'Every Monday, Friday and Sunday at 17:00'],
])('when it is due is said in words: %s', (days, words) => {
  expect(describePlan({ days, at: '17:00' })).toBe(words);
});

test('the empty field says how the AI is asked, where it is', () => {
  expect(hintOf(true, [])).toBe('Ask about a market…');
  expect(hintOf(false, [somebody('person')])).toBe('Write a message…');
  expect(hintOf(false, [somebody('person'), somebody('assistant')])).toContain('@desk');
});
