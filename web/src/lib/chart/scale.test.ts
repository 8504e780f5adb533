import { expect, test } from 'vitest';
import { extent, linear, linePath, spread, ticks } from './scale';

test('a scale is a straight line, also of a single value', () => {
  expect(linear([10, 20], [100, 0])(15)).toBe(50);
  expect(linear([5, 5], [100, 0])(5)).toBe(100);
});

test('an extent ignores gaps and leaves room', () => {
  expect(extent([null, 10, Number.NaN, 20], 0.1)).toEqual([9, 21]);
  expect(extent([null, undefined])).toBeNull();
});

test('ticks are round and inside', () => {
  expect(ticks([96.3, 164.9], 3)).toEqual([100, 125, 150]);
  expect(ticks([-7, 41], 3)).toEqual([0, 20, 40]);
  expect(ticks([5, 5], 3)).toEqual([]);
});

test('a path lifts the pen at a gap', () => {
  expect(linePath([[0, 1], [1, 2], null, [3, 4]])).toBe('M0.0 1.0L1.0 2.0M3.0 4.0');
});

test('labels move apart and stay inside', () => {
  expect(spread([50, 52, 10], 12, 0, 100)).toEqual([50, 62, 10]);
  expect(spread([99, 100], 12, 0, 100)).toEqual([88, 100]);
});
