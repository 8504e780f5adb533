/** What the quality check found in recorded bars, as marks at them. */
import { api, call } from '$lib/api/client';
import type { Quality, Timeframe } from '$lib/api/types';
import type { Mark } from './decorations';

export function fetchQuality(symbol: string, timeframe: Timeframe): Promise<Quality> {
  const params = { path: { symbol }, query: { timeframe } };
  return call(api.GET('/api/v1/instruments/{symbol}/quality', { params }));
}

/** A mark for each fault; its reason is what the server says of it. */
export function qualityMarks(quality: Quality): Mark[] {
  return quality.faults.map((fault) => ({ time: fault.time, kind: 'quality', text: fault.detail }));
}
