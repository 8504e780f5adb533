import { describe, expect, it } from 'vitest';
import { makeResult } from './samples';
import { lackingOf } from './summary';

const never = (...parts: { text: string; bars: number; others: number }[]): string =>
  lackingOf({ ...makeResult('a and b', []), parts });

describe('why a condition never held', () => {
  it('names the part without which the others held', () => {
    const said = never({ text: 'a > 1', bars: 7, others: 0 }, { text: 'b > 2', bars: 0, others: 7 });
    expect(said).toBe(
      'The parts never held together: a > 1 on 7 bars, b > 2 on 0 bars. All the others held without b > 2 (on 7 bars).',
    );
  });

  it('says when it is not the fault of one alone', () => {
    const parts = ['a', 'b', 'c'].map((text) => ({ text, bars: 1, others: 0 }));
    expect(never(...parts)).toContain('a on 1 bar, b on 1 bar, c on 1 bar. Without any one of them');
  });

  it('says nothing of what held, or has one part', () => {
    expect(lackingOf(makeResult('a', [3]))).toBe('');
    expect(never()).toBe('');
  });
});
