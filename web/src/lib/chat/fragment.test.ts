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
