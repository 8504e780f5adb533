/** The server's side of formulas. */
import { api, call } from '$lib/api/client';
import type { FormulaWord } from '$lib/api/types';
import type { Server } from './desk.svelte';

let words: Promise<FormulaWord[]> | null = null;

export const formulaServer: Server = {
  check: (text) => call(api.POST('/api/v1/formulas/check', { body: { text } })),
  evaluate: (text, symbol, { timeframe, adjustment }) =>
    call(
      api.POST('/api/v1/instruments/{symbol}/formulas/evaluate', {
        params: { path: { symbol } },
        body: { text, timeframe, adjustment, limit: 5000 },
      }),
    ),
  words: () => {
    words ??= call(api.GET('/api/v1/formulas/words')).catch((error: unknown) => {
      words = null;
      throw error;
    });
    return words;
  },
};
