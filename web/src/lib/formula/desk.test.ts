import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FormulaCheck, FormulaResult } from '$lib/api/types';
import { FormulaDesk, PAUSE_MS, type Server } from './desk.svelte';
import { makeCheck, makeProblem, makeResult, WORDS } from './samples';

interface Asked {
  text: string;
  answer: (check: FormulaCheck) => void;
}

function makeServer(asked: Asked[], evaluated: string[]): Server {
  return {
    check: (text) => new Promise((answer) => asked.push({ text, answer })),
    evaluate: (text, symbol, { timeframe }) => {
      evaluated.push(`${symbol} ${timeframe} ${text}`);
      return symbol === 'GONE' ? Promise.reject(new Error('There is no such instrument.')) : answerOf(text);
    },
    words: () => Promise.resolve(WORDS),
  };
}

function answerOf(text: string): Promise<FormulaResult> {
  return Promise.resolve(makeResult(text, [5]));
}

describe('a formula that is typed', () => {
  const asked: Asked[] = [];
  const evaluated: string[] = [];
  const told: (FormulaResult | null)[] = [];
  let desk: FormulaDesk;

  beforeEach(() => {
    vi.useFakeTimers();
    for (const list of [asked, evaluated, told]) list.length = 0;
    desk = new FormulaDesk(makeServer(asked, evaluated), (result) => told.push(result));
  });

  afterEach(() => {
    desk.stop();
    vi.useRealTimers();
  });

  it('is checked after a pause, once', async () => {
    desk.type('rs');
    desk.type('rsi > 30');
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(asked.map((each) => each.text)).toEqual(['rsi > 30']);
    asked[0]?.answer(makeCheck('rsi(14) > 30'));
    await vi.runAllTimersAsync();
    expect(desk.check?.text).toBe('rsi(14) > 30');
    desk.type(' ');
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect([asked.length, desk.check]).toEqual([1, null]);
  });

  it('drops an answer about what was typed before', async () => {
    desk.type('rsii');
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    desk.type('rsi');
    asked[0]?.answer(makeCheck('', [makeProblem('rsii', 0, 4)]));
    await vi.advanceTimersByTimeAsync(0);
    expect(desk.check).toBeNull();
  });

  it('is evaluated when it is right, and again on another chart', async () => {
    desk.type('rsi > 30');
    const shown = desk.show('AAPL', { timeframe: '1d', adjustment: 'splits' });
    asked[0]?.answer(makeCheck('rsi(14) > 30'));
    await shown;
    await desk.again('MSFT', { timeframe: '1h', adjustment: 'splits' });
    expect(evaluated).toEqual(['AAPL 1d rsi > 30', 'MSFT 1h rsi > 30']);
    expect(told.map((result) => result?.hits)).toEqual([[5], [5]]);
    await desk.again('GONE', { timeframe: '1h', adjustment: 'splits' });
    expect([desk.failure, desk.busy, told.at(-1)]).toEqual(['There is no such instrument.', false, null]);
    desk.clear();
    await desk.again('MSFT', { timeframe: '1h', adjustment: 'splits' });
    expect([evaluated.length, told.at(-1)]).toEqual([3, null]);
  });

  it('is not evaluated when something is wrong', async () => {
    desk.type('rsii');
    const shown = desk.show('AAPL', { timeframe: '1d', adjustment: 'splits' });
    asked[0]?.answer(makeCheck('', [makeProblem('rsii', 0, 4)]));
    await shown;
    expect([evaluated, told]).toEqual([[], []]);
  });

  it('loads the words once, and does without them', async () => {
    await desk.loadWords();
    expect(desk.words).toBe(WORDS);
    const lame = new FormulaDesk({ ...makeServer([], []), words: () => Promise.reject(new Error()) }, () => {});
    await lame.loadWords();
    expect(lame.words).toEqual([]);
  });
});
