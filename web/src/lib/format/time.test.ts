import { expect, test } from 'vitest';
import { ago, day, moment, zones } from './time';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const MANNER = { locale: 'en-GB', time_zone: 'Asia/Tokyo' };

test.each([
  ['2026-03-10T11:59:30Z', 'just now'],
  ['2026-03-10T11:58:00Z', '2 minutes ago'],
  ['2026-03-10T09:00:00Z', '3 hours ago'],
  ['2026-03-09T12:00:00Z', 'yesterday'],
  ['2026-02-01T23:00:00Z', '2 Feb 2026'],
])('%s was %s', (iso, words) => {
  expect(ago(iso, MANNER, NOW)).toBe(words);
});

test('a moment is told in the person’s zone and manner', () => {
  expect(moment('2026-03-10T20:30:00Z', MANNER)).toMatch(/^11 Mar 2026.* 05:30$/);
  expect(day('2026-03-10T20:30:00Z', { ...MANNER, locale: 'de' })).toBe('11.03.2026');
});

test('a zone or locale that the browser does not know breaks nothing', () => {
  expect(moment('2026-03-10T20:30:00Z', { locale: 'not a locale', time_zone: 'Mars/Base' })).toContain('2026');
  expect(zones('Mars/Base', '')).toContain('Mars/Base');
});
