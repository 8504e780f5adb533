import { expect, test } from 'vitest';
import { makePassphrase } from './passphrase';

test('has six groups, is long enough, and is not made twice', () => {
  const made = new Set(Array.from({ length: 200 }, () => makePassphrase()));
  expect(made.size).toBe(200);
  for (const phrase of made) {
    expect(phrase.length).toBeGreaterThanOrEqual(15);
    expect(phrase).toMatch(/^([a-z]{4,6}-){5}[a-z]{4,6}$/);
  }
});
