/** The prices of symbols that messages name: asked once for all, then followed while one of them is on the page. */
import { fetchQuotes } from '$lib/chart/quotes';
import type { LiveBar } from '$lib/api/types';
import { link } from '$lib/realtime/link.svelte';

interface Shown {
  nodes: Set<HTMLElement>;
  before: number | null;
  leave: () => void;
}

const PAUSE_MS = 60;
const shown = new Map<string, Shown>();
let waiting = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

function write(node: HTMLElement, price: number, before: number | null): void {
  const change = before ? ((price - before) / before) * 100 : null;
  const percent = change === null ? '' : ` ${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(2)}%`;
  node.dataset.price = ` ${price.toLocaleString('en-US', { maximumFractionDigits: 2 })}${percent}`;
  node.dataset.move = change === null || change === 0 ? '' : change > 0 ? 'up' : 'down';
}

async function ask(): Promise<void> {
  const symbols = [...waiting];
  waiting = new Set();
  try {
    const quotes = await fetchQuotes(symbols);
    for (const symbol of symbols) {
      const one = shown.get(symbol);
      const quote = quotes.get(symbol);
      if (!one) continue;
      if (!quote) {
        // There is no such instrument: it stays the words that were written.
        for (const node of one.nodes) node.replaceWith(node.textContent ?? '');
        continue;
      }
      one.before = quote.previous_close;
      for (const node of one.nodes) write(node, quote.price, quote.previous_close);
      one.leave = link.client.follow(`quotes:${symbol}`, 'latest', {
        onUpdate: (data) => {
          for (const node of one.nodes) write(node, (data as LiveBar).close, one.before);
        },
      });
    }
  } catch {
    // Without prices the symbols still lead to their charts.
  }
}

/** Show the price beside each of these elements; returns how to stop. */
export function showPrices(nodes: readonly HTMLElement[]): () => void {
  for (const node of nodes) {
    const symbol = node.dataset.symbol ?? '';
    const one = shown.get(symbol) ?? { nodes: new Set(), before: null, leave: () => undefined };
    one.nodes.add(node);
    shown.set(symbol, one);
    waiting.add(symbol);
  }
  clearTimeout(timer);
  if (waiting.size > 0) timer = setTimeout(() => void ask(), PAUSE_MS);
  return () => {
    for (const node of nodes) {
      const symbol = node.dataset.symbol ?? '';
      const one = shown.get(symbol);
      one?.nodes.delete(node);
      if (one?.nodes.size !== 0) continue;
      one.leave();
      shown.delete(symbol);
      waiting.delete(symbol);
    }
  };
}
