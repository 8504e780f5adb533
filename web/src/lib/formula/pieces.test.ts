import { describe, expect, it } from 'vitest';
import { correct, cutPieces } from './pieces';
import { makeProblem, makeResult } from './samples';
import { found, meaning } from './summary';

describe('pieces', () => {
  it('cut the text at its mistakes', () => {
    expect(cutPieces('', [])).toEqual([]);
    expect(cutPieces('close', [])).toEqual([{ text: 'close', wrong: false }]);
    expect(cutPieces('rsii > clse', [makeProblem('', 0, 4), makeProblem('', 7, 11)])).toEqual([
      { text: 'rsii', wrong: true },
      { text: ' > ', wrong: false },
      { text: 'clse', wrong: true },
    ]);
  });

  it('show a mistake behind the end, and skip one inside another', () => {
    expect(cutPieces('rsi(', [makeProblem('', 4, 4)])).toEqual([
      { text: 'rsi(', wrong: false },
      { text: ' ', wrong: true },
    ]);
    expect(cutPieces('ab', [makeProblem('', 0, 2), makeProblem('', 1, 2)])).toEqual([{ text: 'ab', wrong: true }]);
  });

  it('count as the server counts', () => {
    expect(cutPieces('😀x', [makeProblem('', 1, 2)])).toEqual([
      { text: '😀', wrong: false },
      { text: 'x', wrong: true },
    ]);
    expect(correct('rsii > 3', makeProblem('rsii', 0, 4, 'rsi'))).toBe('rsi > 3');
  });
});

describe('a summary', () => {
  it('says what a formula needs and what it found', () => {
    const needs = [
      { symbol: '', timeframe: null, bars: 200 },
      { symbol: 'MSFT', timeframe: '1w' as const, bars: 1 },
    ];
    const check = { text: 'x', kind: 'condition' as const, cost: 1, most_cost: 9, needs, problems: [] };
    expect(meaning(check)).toBe('Condition · needs 200 bars · reads MSFT 1w');
    expect(found(makeResult('x', [1]))).toBe('1 hit in 1,258 bars, unknown on 14');
    expect(found({ ...makeResult('x', []), holds: true, unknown: 0 })).toBe('0 hits in 1,258 bars, holds now');
    expect(found({ ...makeResult('x', []), bars: 0 })).toBe('No bars are recorded here.');
    expect(found({ ...makeResult('x', []), kind: 'number', unknown: 8 })).toBe('1,250 values, unknown on 8');
  });
});
