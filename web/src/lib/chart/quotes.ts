/** Newest prices of many symbols, in as many calls as the server's limit asks for. */
import { api, call } from '$lib/api/client';
import type { Quote } from '$lib/api/types';

const AT_ONCE = 50;

export async function fetchQuotes(symbols: readonly string[]): Promise<Map<string, Quote>> {
  const chunks: string[][] = [];
  for (let at = 0; at < symbols.length; at += AT_ONCE) chunks.push(symbols.slice(at, at + AT_ONCE));
  const lists = await Promise.all(
    chunks.map((chunk) => call(api.GET('/api/v1/quotes', { params: { query: { symbols: chunk.join(',') } } }))),
  );
  return new Map(lists.flat().map((quote) => [quote.symbol, quote]));
}
