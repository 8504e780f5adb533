import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FormulaResult } from '$lib/api/types';
import { PAUSE_MS, type Server } from '$lib/formula/desk.svelte';
import { makeCheck, makeProblem, makeResult, WORDS } from '$lib/formula/samples';
import FormulaBar from './FormulaBar.svelte';

/** A server that knows rsi and close, and nothing else. */
const server: Server = {
  check: (text) =>
    Promise.resolve(
      text.includes('rsii')
        ? makeCheck(text, [makeProblem(text, text.indexOf('rsii'), text.indexOf('rsii') + 4, 'rsi')])
        : makeCheck(text),
    ),
  evaluate: (text) => Promise.resolve(makeResult(text, [3, 4])),
  words: () => Promise.resolve(WORDS),
};

describe('the formula bar', () => {
  const told: (FormulaResult | null)[] = [];
  let bar: Record<string, unknown>;

  beforeEach(() => {
    vi.useFakeTimers();
    told.length = 0;
    const onhits = (result: FormulaResult | null): void => void told.push(result);
    bar = mount(FormulaBar, { target: document.body, props: { symbol: 'AAPL', timeframe: '1d', onhits, server } });
    flushSync();
  });

  afterEach(async () => {
    await unmount(bar);
    document.body.innerHTML = '';
    vi.useRealTimers();
  });

  function find(selector: string): HTMLElement {
    const found = document.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`There is no ${selector}`);
    return found;
  }

  const area = (): HTMLTextAreaElement => find('textarea') as HTMLTextAreaElement;
  const said = (): string => find('[data-testid="formula-said"]').textContent?.trim().replace(/\s+/g, ' ') ?? '';

  async function type(text: string): Promise<void> {
    area().focus();
    await vi.advanceTimersByTimeAsync(0);
    area().value = text;
    area().setSelectionRange(text.length, text.length);
    area().dispatchEvent(new InputEvent('input', { bubbles: true }));
    flushSync();
  }

  async function press(key: string): Promise<boolean> {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    area().dispatchEvent(event);
    await vi.advanceTimersByTimeAsync(0);
    flushSync();
    return event.defaultPrevented;
  }

  async function pause(): Promise<void> {
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    flushSync();
  }

  it('underlines a mistake and writes what was meant', async () => {
    await type('close > rsii(14)');
    expect(document.querySelector('mark')).toBeNull();
    await pause();
    expect(find('mark').textContent).toBe('rsii');
    expect(area().getAttribute('aria-invalid')).toBe('true');
    expect(said()).toBe('rsii is unknown. Write rsi');
    expect((find('[data-testid="formula-show"]') as HTMLButtonElement).disabled).toBe(true);
    find('.said button').click();
    await pause();
    expect(area().value).toBe('close > rsi(14)');
    expect(said()).toBe('Condition · needs 15 bars. Enter shows it on the chart.');
  });

  it('completes by keyboard alone', async () => {
    await type('close > rs');
    const options = [...document.querySelectorAll('[role="option"]')];
    expect(options.map((each) => each.querySelector('code')?.textContent)).toEqual(['rsi()', 'stochrsi()']);
    expect(area().getAttribute('aria-activedescendant')).toBe(options[0]?.id);
    await press('ArrowDown');
    expect(area().getAttribute('aria-activedescendant')).toBe(options[1]?.id);
    await press('ArrowUp');
    expect(await press('Tab')).toBe(true);
    expect([area().value, area().selectionStart]).toEqual(['close > rsi', 11]);
    expect(document.querySelector('[role="listbox"]')).toBeNull();
    expect(await press('Tab')).toBe(false);
    await type('close > rs');
    await press('Escape');
    expect(document.querySelector('[role="listbox"]')).toBeNull();
  });

  it('shows hits by Enter, and takes them away', async () => {
    await type('rsi(14) > 30');
    await press('Enter');
    await vi.advanceTimersByTimeAsync(0);
    flushSync();
    expect(told.map((result) => result?.hits)).toEqual([[3, 4]]);
    expect(said()).toBe('2 hits in 1,258 bars, unknown on 14');
    find('[aria-label="Clear the formula"]').click();
    await vi.advanceTimersByTimeAsync(0);
    flushSync();
    expect([told.at(-1), area().value]).toEqual([null, '']);
  });
});
