import { expect, test } from 'vitest';
import { formatSize } from './size';

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 KB'],
  [9_949, '9.9 KB'],
  [9_950, '10 KB'],
  [999_400, '999 KB'],
  [999_600, '1.0 MB'],
  [25_000_000, '25 MB'],
  [5e12, '5000 GB'],
])('%d', (bytes, words) => {
  expect(formatSize(bytes)).toBe(words);
});
