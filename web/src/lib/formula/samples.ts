/** Answers of the server for the tests of formulas. */
import type { FormulaCheck, FormulaProblem, FormulaResult, FormulaWord } from '$lib/api/types';

export function makeWord(name: string, role = 'indicator', more: Partial<FormulaWord> = {}): FormulaWord {
  return { name, role, signature: `${name}()`, help: `What ${name} is.`, gives: 'number', outputs: [], ...more };
}

export const WORDS: FormulaWord[] = [
  makeWord('close', 'series'),
  makeWord('and', 'operator'),
  makeWord('crosses_above', 'operator'),
  makeWord('crosses_below', 'operator'),
  makeWord('highest', 'function'),
  makeWord('rsi', 'indicator', { help: 'Relative strength index.' }),
  makeWord('stochrsi'),
  makeWord('bbands', 'indicator', { help: 'Bollinger bands.', outputs: ['upper', 'middle', 'lower'] }),
];

export function makeProblem(text: string, start: number, end: number, suggestion = ''): FormulaProblem {
  const piece = text.slice(start, end);
  return {
    code: 'unknown_word',
    message: `${piece} is unknown.`,
    suggestion,
    start,
    end,
    line: 1,
    column: start + 1,
    text: piece,
  };
}

export function makeCheck(text: string, problems: FormulaProblem[] = []): FormulaCheck {
  const right = problems.length === 0;
  return {
    text: right ? text : '',
    kind: right ? 'condition' : null,
    cost: 20,
    most_cost: 10_000,
    needs: right ? [{ symbol: '', timeframe: null, bars: 15 }] : [],
    problems,
  };
}

export function makeResult(text: string, hits: number[]): FormulaResult {
  return {
    symbol: 'AAPL',
    timeframe: '1d',
    adjustment: 'splits',
    text,
    kind: 'condition',
    bars: 1258,
    first: 0,
    last: 9,
    unknown: 14,
    hits,
    spans: hits.map((time) => ({ start: time, end: time })),
    holds: false,
    time: [],
    values: [],
    parts: [],
  };
}
