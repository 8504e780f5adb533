/**
 * Renko bricks of closing prices. A brick is one box high and lies on the grid of whole boxes, so that the same price
 * gives the same bricks wherever the history begins. A turn takes two boxes: one back to the brick's other end, one more.
 * Source: S. Nison, "Beyond Candlesticks" (1994), chapter on Renko charts.
 */
import type { Bar } from './bars';

/** A brick. Several may close within one bar: `timestamp` then counts on by a millisecond, `source` is the bar's. */
export interface Brick extends Bar {
  source: number;
}

const NICE = [1, 2, 2.5, 5, 10];
const PERIOD = 14;

/** A round box of about the mean true range of the bars; at least 1/1000 of the price. */
export function boxFor(bars: readonly Bar[]): number {
  const last = bars.at(-1)?.close ?? 1;
  const recent = bars.slice(-10 * PERIOD);
  const ranges = recent.map((bar, index) => {
    const before = recent[index - 1]?.close ?? bar.open;
    return Math.max(bar.high, before) - Math.min(bar.low, before);
  });
  const mean = ranges.reduce((sum, range) => sum + range, 0) / Math.max(1, ranges.length);
  const rough = Math.max(mean, Math.abs(last) / 1000, Number.MIN_VALUE * 1e10);
  const power = 10 ** Math.floor(Math.log10(rough));
  return (NICE.find((factor) => factor * power >= rough * 0.9) ?? 10) * power;
}

const MOST_BRICKS = 5_000;

/** The height of the bricks: the chosen one, unless it would give more than can be drawn. */
export function boxOf(bars: readonly Bar[], chosen: number | null): number {
  const travelled = bars.reduce((sum, bar, at) => sum + Math.abs(bar.close - (bars[at - 1] ?? bar).close), 0);
  return Math.max(chosen ?? boxFor(bars), travelled / MOST_BRICKS);
}

export function toRenko(bars: readonly Bar[], box: number): Brick[] {
  const [first] = bars;
  if (!first || !(box > 0)) return [];
  const bricks: Brick[] = [];
  // Levels count boxes, so that no error adds up: a brick goes from one level to the next.
  let [low, high] = [Math.floor(first.close / box + 1e-9), Math.floor(first.close / box + 1e-9)];
  let volume = 0;
  for (const bar of bars) {
    volume += bar.volume;
    const [up, down] = [Math.floor(bar.close / box + 1e-9), Math.ceil(bar.close / box - 1e-9)];
    const made = bricks.length;
    for (; up > high; high += 1) bricks.push(brick(bar, high, high + 1, box, bricks.at(-1)));
    if (bricks.length > made) low = high - 1;
    else {
      for (; down < low; low -= 1) bricks.push(brick(bar, low, low - 1, box, bricks.at(-1)));
      if (bricks.length > made) high = low + 1;
    }
    if (bricks.length === made) continue;
    const share = volume / (bricks.length - made);
    for (const each of bricks.slice(made)) each.volume = share;
    volume = 0;
  }
  return bricks;
}

function brick(bar: Bar, from: number, to: number, box: number, before: Brick | undefined): Brick {
  const [open, close] = [from * box, to * box];
  const timestamp = before && before.timestamp >= bar.timestamp ? before.timestamp + 1 : bar.timestamp;
  const [high, low] = [Math.max(open, close), Math.min(open, close)];
  return { timestamp, source: bar.timestamp, open, close, high, low, volume: 0 };
}
