import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { complete, tokenAt, type CompletionProvider } from './completion';
import { Completing } from './completing.svelte';

const person: CompletionProvider = {
  mark: '@',
  label: 'People',
  find: (word) => ['Ana', 'Anton', 'Ben'].filter((name) => name.startsWith(word)).map((name) => option(`@${name}`)),
};
const command: CompletionProvider = { mark: '/', label: 'Commands', atStart: true, find: () => [option('/chart')] };
const emoji: CompletionProvider = { mark: ':', label: 'Emoji', least: 2, find: () => [option('📈')] };
const all = [person, command, emoji];

function option(insert: string) {
  return { insert, label: insert };
}

describe('the word at the caret', () => {
  test('is found with its mark, also from its middle', () => {
    expect(tokenAt('ask @Ana now', 8, all)).toEqual({ mark: '@', word: 'Ana', start: 4, end: 8 });
    expect(tokenAt('ask @Ana now', 6, all)).toEqual({ mark: '@', word: 'A', start: 4, end: 8 });
    expect(tokenAt('@', 1, all)).toEqual({ mark: '@', word: '', start: 0, end: 1 });
  });

  test.each(['ana@example.com', 'at 10:30', 'and/or', 'nothing', '', 'http://x'])('is none in %j', (text) => {
    expect(tokenAt(text, text.length, all)).toBeNull();
  });

  test('is a command only where the text begins', () => {
    expect(tokenAt('/ch', 3, all)?.word).toBe('ch');
    expect(tokenAt('say /ch', 7, all)).toBeNull();
  });

  test('needs as many letters as its provider wants', () => {
    expect(tokenAt(':a', 2, all)).toBeNull();
    expect(tokenAt(':ab', 3, all)?.word).toBe('ab');
  });
});

test('a completion takes the place of the word, and one space follows', () => {
  const token = tokenAt('ask @An, please', 7, all);
  expect(token && complete('ask @An, please', token, option('@Ana'))).toEqual({ text: 'ask @Ana , please', caret: 9 });
  const before = tokenAt('@An so', 3, all);
  expect(before && complete('@An so', before, option('@Ana'))).toEqual({ text: '@Ana so', caret: 5 });
});

describe('the popover', () => {
  let popover: Completing;

  beforeEach(() => {
    vi.useFakeTimers();
    popover = new Completing(all);
  });

  afterEach(() => vi.useRealTimers());

  async function type(text: string): Promise<void> {
    popover.look(text, text.length, null);
    await vi.advanceTimersByTimeAsync(200);
  }

  test('offers, moves round, and puts in', async () => {
    await type('@An');
    expect(popover.list.map((each) => each.label)).toEqual(['@Ana', '@Anton']);
    popover.move(-1);
    expect(popover.take('@An')).toMatchObject({ text: '@Anton ', caret: 7 });
    expect(popover.open).toBe(false);
  });

  test('stays closed for the word that it was dismissed at, and opens for the next', async () => {
    await type('@An');
    popover.dismiss();
    await type('@Ant');
    expect(popover.open).toBe(false);
    await type('@Ant @B');
    expect(popover.list.map((each) => each.label)).toEqual(['@Ben']);
  });

  test('shows nothing when its provider fails, and nothing of an older word', async () => {
    let answer: (found: { insert: string; label: string }[]) => void = () => undefined;
    const slow: CompletionProvider = { mark: '@', label: 'P', find: () => new Promise((done) => (answer = done)) };
    popover = new Completing([slow]);
    await type('@a');
    const first = answer;
    await type('@ab');
    first([option('@old')]);
    await vi.advanceTimersByTimeAsync(1);
    expect(popover.open).toBe(false);
    popover = new Completing([{ ...slow, find: () => Promise.reject(new Error('down')) }]);
    await type('@a');
    expect(popover.open).toBe(false);
  });
});
