/** The newest price of an instrument: asked once, then followed. */
import type { LiveBar } from '$lib/api/types';
import { link } from '$lib/realtime/link.svelte';
import { fetchQuotes } from './quotes';

export function followPrice(symbol: string, told: (price: number) => void): () => void {
  let heard = false;
  let over = false;
  const leave = link.client.follow(`quotes:${symbol}`, 'latest', {
    onUpdate: (data) => {
      heard = true;
      told((data as LiveBar).close);
    },
  });
  fetchQuotes([symbol])
    .then((quotes) => {
      const quote = quotes.get(symbol);
      if (quote && !heard && !over) told(quote.price);
    })
    .catch(() => undefined); // Without a price the picture still says when it was made.
  return () => {
    over = true;
    leave();
  };
}
