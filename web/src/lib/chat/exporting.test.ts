import { describe, expect, it } from 'vitest';
import { LineCount } from './exporting';

describe('LineCount', () => {
  const text = '# Room\n\n### 1 · Ada\n\n> ### not one\n\n### 2 · Bob\n\n> words ### nor this\n###';

  it.each([1, 2, 3, 5, 7, 11, 1000])('counts the same in pieces of %i characters', (size) => {
    const lines = new LineCount('### ');
    let count = 0;
    for (let at = 0; at < text.length; at += size) count = lines.add(text.slice(at, at + size));
    // The last line is not known to be one before its beginning is whole.
    expect(count).toBe(2);
    expect(lines.add(' 3 · Ada')).toBe(3);
    expect(lines.add('\n')).toBe(3);
  });
});
