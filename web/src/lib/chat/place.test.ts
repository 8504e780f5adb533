import { expect, test } from 'vitest';
import { firstBelow } from './place';

test('the first row in sight is found by few looks', () => {
  let looks = 0;
  const bottom = (index: number): number => {
    looks += 1;
    return (index + 1) * 50;
  };
  expect(firstBelow(10_000, bottom, 123_456)).toBe(2469);
  expect(looks).toBeLessThan(16);
  expect(firstBelow(3, bottom, 0)).toBe(0);
  expect(firstBelow(3, bottom, 150)).toBe(3);
  expect(firstBelow(0, bottom, 1)).toBe(0);
});
