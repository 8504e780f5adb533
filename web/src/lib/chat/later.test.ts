import { expect, test } from 'vitest';
import { proposals, toField } from './later';

test('the times that are proposed are in the future, also on a Monday', () => {
  for (const day of [4, 5, 10]) {
    const now = new Date(2026, 0, day, 8, 30);
    for (const { at } of proposals(now)) expect(at.getTime()).toBeGreaterThan(now.getTime());
    expect(proposals(now)[2]?.at.getDay()).toBe(1);
  }
});

test('a field shows the time of this zone', () => {
  expect(toField(new Date(2026, 0, 5, 9, 7))).toBe('2026-01-05T09:07');
});
