import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMON, readEmoji, searchEmoji } from './emoji';

const all = readEmoji(readFileSync('src/lib/chat/emojinames.txt', 'utf8'));

test('the common ones come first, and all of them are there', () => {
  expect(searchEmoji(all, '').map((each) => each.emoji)).toEqual(COMMON);
});

test('every word that is typed begins a word of the name', () => {
  expect(searchEmoji(all, 'thumbs up').map((each) => each.emoji)).toContain('👍');
  expect(searchEmoji(all, 'rally')[0]?.emoji).toBe('📈');
  expect(searchEmoji(all, 'face joy').length).toBeGreaterThan(0);
  expect(searchEmoji(all, 'nothing is called so')).toEqual([]);
});
