/** Bars as rows, and reading them from the server. */
import { api, call } from '$lib/api/client';
import type { Adjustment, BarSeries, Timeframe } from '$lib/api/types';

/** One bar; `timestamp` is its open in milliseconds. The name is the one that the chart library expects. */
export interface Bar {
  timestamp: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export function toBars(series: BarSeries): Bar[] {
  return series.time.map((timestamp, index) => ({
    timestamp,
    open: series.open[index] ?? Number.NaN,
    high: series.high[index] ?? Number.NaN,
    low: series.low[index] ?? Number.NaN,
    close: series.close[index] ?? Number.NaN,
    volume: series.volume[index] ?? 0,
  }));
}

export interface BarWindow {
  start?: string | null | undefined;
  end?: string | null | undefined;
  limit?: number;
  adjustment?: Adjustment;
}

export async function fetchBars(
  symbol: string,
  timeframe: Timeframe,
  window: BarWindow = {},
): Promise<{ bars: Bar[]; more: boolean; raw: boolean }> {
  const query = {
    timeframe,
    limit: window.limit ?? 500,
    adjustment: window.adjustment ?? 'splits',
    ...(window.start ? { start: window.start } : {}),
    ...(window.end ? { end: window.end } : {}),
  };
  const series = await call(api.GET('/api/v1/instruments/{symbol}/bars', { params: { path: { symbol }, query } }));
  // Where there was nothing to take out, the prices are those that were recorded.
  const raw = series.adjusted_by === 'none' || series.adjusted_by === 'in_the_bars';
  return { bars: toBars(series), more: series.more, raw };
}

/** Join bars that follow each other into one that opens at `timestamp`. */
export function joinBars(timestamp: number, bars: readonly Bar[]): Bar | null {
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last) return null;
  return {
    timestamp,
    open: first.open,
    high: Math.max(...bars.map((bar) => bar.high)),
    low: Math.min(...bars.map((bar) => bar.low)),
    close: last.close,
    volume: bars.reduce((sum, bar) => sum + bar.volume, 0),
  };
}
