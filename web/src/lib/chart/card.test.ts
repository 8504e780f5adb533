import { expect, test } from 'vitest';
import { compareLines } from './card';

function bars(closes: [number, number][]) {
  return closes.map(([timestamp, close]) => ({ timestamp, open: close, high: close, low: close, close, volume: 0 }));
}

test('a comparison counts from the first time that all have', () => {
  const { time, lines } = compareLines([
    {
      symbol: 'AAPL',
      bars: bars([
        [1, 90],
        [2, 100],
        [3, 110],
        [4, 150],
      ]),
    },
    {
      symbol: 'MSFT',
      bars: bars([
        [2, 50],
        [4, 45],
      ]),
    },
  ]);
  expect(time).toEqual([2, 3, 4]);
  expect(lines[0]?.values.map((value) => value?.toFixed(6))).toEqual(['0.000000', '10.000000', '50.000000']);
  expect(lines[1]?.values.map((value) => (value === null ? null : Math.round(value)))).toEqual([0, null, -10]);
});

test('symbols without a common time give no lines', () => {
  const { time, lines } = compareLines([
    { symbol: 'A', bars: bars([[1, 1]]) },
    { symbol: 'B', bars: bars([[2, 1]]) },
  ]);
  expect(time).toEqual([]);
  expect(lines.map((line) => line.values)).toEqual([[], []]);
});
