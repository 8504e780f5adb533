import { expect, test } from 'vitest';
import { safeNext } from './next';

test.each([
  ['/chart/AAPL?timeframe=1d', '/chart/AAPL?timeframe=1d'],
  ['/c/1', '/c/1'],
  [null, '/'],
  ['', '/'],
  ['https://example.com', '/'],
  ['//example.com', '/'],
  ['/\\example.com', '/'],
  ['/sign-in', '/'],
  ['javascript:alert(1)', '/'],
])('%s leads to %s', (next, expected) => {
  expect(safeNext(next)).toBe(expected);
});
