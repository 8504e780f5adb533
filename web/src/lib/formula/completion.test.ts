import { describe, expect, it } from 'vitest';
import { choicesAt, put } from './completion';
import { WORDS } from './samples';

function names(text: string, caret = text.length): string[] {
  return choicesAt(WORDS, text, caret).map((choice) => choice.name);
}

function putFirst(text: string, caret = text.length): string {
  const choice = choicesAt(WORDS, text, caret)[0];
  if (!choice) return 'nothing';
  const edit = put(text, caret, choice);
  return `${edit.text.slice(0, edit.caret)}|${edit.text.slice(edit.caret)}`;
}

describe('completion', () => {
  it('offers what begins with the word, then what contains it or says so', () => {
    expect(names('r')).toEqual(['rsi']);
    expect(names('rs')).toEqual(['rsi', 'stochrsi']);
    expect(names('close > boll')).toEqual(['bbands']);
    expect(names('close cr')).toEqual(['crosses_above', 'crosses_below']);
    expect(names('CLO')).toEqual(['close']);
  });

  it('offers nothing where no word can be meant', () => {
    for (const text of ['', 'close ', 'close > 3', '3k', '"BTC-U', 'close@', 'close@d', 'rsi']) {
      expect(names(text).filter((name) => name !== 'stochrsi')).toEqual([]);
    }
  });

  it('offers the outputs of an indicator behind its dot, and series of an instrument', () => {
    expect(names('bbands(20, 2).')).toEqual(['upper', 'middle', 'lower']);
    expect(names('bbands.u')).toEqual(['upper']);
    expect(names('MSFT.c')).toEqual(['close']);
    expect(names('MSFT.h')).toEqual([]);
  });

  it('puts a word in, with brackets behind a function and a space behind an operator', () => {
    expect(putFirst('close > hig')).toBe('close > highest(|)');
    expect(putFirst('close cr')).toBe('close crosses_above |');
    expect(putFirst('rs')).toBe('rsi|');
    expect(putFirst('hi(close, 3)', 2)).toBe('highest|(close, 3)');
    expect(putFirst('clXse > 1', 2)).toBe('close| > 1');
    expect(putFirst('close cr 30', 8)).toBe('close crosses_above| 30');
  });
});
