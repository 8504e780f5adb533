/**
 * Heikin-Ashi bars. The close is the mean of the four prices; the open is the middle of the body before; high and low
 * take in both. The first opens in the middle of its own bar. Source: D. Valcu, "Using the Heikin-Ashi technique",
 * Technical Analysis of Stocks & Commodities 22 (2004).
 */
import type { Bar } from './bars';

function next(bar: Bar, before: Bar | undefined): Bar {
  const open = before ? (before.open + before.close) / 2 : (bar.open + bar.close) / 2;
  const close = (bar.open + bar.high + bar.low + bar.close) / 4;
  return { ...bar, open, close, high: Math.max(bar.high, open, close), low: Math.min(bar.low, open, close) };
}

/** One Heikin-Ashi bar for each bar, oldest first. */
export function toHeikinAshi(bars: readonly Bar[]): Bar[] {
  const made: Bar[] = [];
  for (const bar of bars) made.push(next(bar, made.at(-1)));
  return made;
}
