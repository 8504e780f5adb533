import { expect, test } from 'vitest';
import { pieces } from './fragment';

test('what was found is marked, counted in code points', () => {
  const text = '<b>😀 Apple</b> pie';
  const highlights = [
    { start: 5, end: 10 },
    { start: 15, end: 18 },
  ];
  expect(pieces({ text, highlights, before: true, after: false })).toEqual([
    { text: '… ', marked: false },
    { text: '<b>😀 ', marked: false },
    { text: 'Apple', marked: true },
    { text: '</b> ', marked: false },
    { text: 'pie', marked: true },
  ]);
});

test('without highlights it is one piece', () => {
  expect(pieces({ text: 'all', highlights: [], before: false, after: true })).toEqual([
    { text: 'all', marked: false },
    { text: ' …', marked: false },
  ]);
});

const shown = (text: string): string =>
  pieces({ text, highlights: [], before: false, after: false })
    .map((piece) => piece.text)
    .join('');

test('signs of Markdown are not shown, words and sums are', () => {
  expect(shown('## RSI\n- **AAPL** at `61.2`, see *this* and _that_')).toBe('RSI\nAAPL at 61.2, see this and that');
  expect(shown('| day | close |\n|---|---:|\n| Monday | 3 |')).toBe(' day  close \n\n Monday  3 ');
  expect(shown('the [filing](https://example.com/a_b) of 2017')).toBe('the filing of 2017');
  expect(shown('5 * 3, sma_20 > 2, a - b, [1] and x|y')).toBe('5 * 3, sma_20 > 2, a - b, [1] and x|y');
});

test('what was found stays marked beside signs', () => {
  const highlights = [{ start: 2, end: 7 }];
  expect(pieces({ text: '**Apple** 😀', highlights, before: false, after: false })).toEqual([
    { text: 'Apple', marked: true },
    { text: ' 😀', marked: false },
  ]);
});
