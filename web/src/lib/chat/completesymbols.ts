/** Completes $ to the symbol of an instrument. */
import { api, call } from '$lib/api/client';
import type { CompletionProvider } from './completion';

export const symbols: CompletionProvider = {
  mark: '$',
  label: 'Instruments',
  least: 1,
  async find(word, { signal }) {
    const query = { query: word, limit: 8 };
    const page = await call(api.GET('/api/v1/instruments', { params: { query }, signal }));
    return page.items.map(({ symbol, name }) => ({ insert: `$${symbol}`, label: `$${symbol}`, detail: name }));
  },
};
