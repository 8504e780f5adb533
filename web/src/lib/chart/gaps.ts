/** Prices that were jumped over between two bars. */
import type { Bar } from './bars';

export interface Gap {
  /** The bar before the jump, and the one that first traded through all of it (null: none yet). */
  from: number;
  filled: number | null;
  low: number;
  high: number;
  up: boolean;
}

const PERIOD = 14;
const LOOK = 250;

/** Gaps at least `least` times as high as the mean range of the 14 bars before; a bar is told by its place. */
export function findGaps(bars: readonly Bar[], least = 0.5): Gap[] {
  const gaps: Gap[] = [];
  let sum = 0;
  for (let at = 1; at < bars.length; at += 1) {
    const [before, bar] = [bars[at - 1], bars[at]];
    if (!before || !bar) break;
    sum += before.high - before.low;
    const dropped = bars[at - 1 - PERIOD];
    if (dropped) sum -= dropped.high - dropped.low;
    const mean = sum / Math.min(at, PERIOD);
    const up = bar.low > before.high;
    if (!up && bar.high >= before.low) continue;
    const [low, high] = up ? [before.high, bar.low] : [bar.high, before.low];
    if (high - low < least * mean) continue;
    gaps.push({ from: at - 1, filled: filledAt(bars, at, up, low, high), low, high, up });
  }
  return gaps;
}

function filledAt(bars: readonly Bar[], at: number, up: boolean, low: number, high: number): number | null {
  const end = Math.min(bars.length, at + LOOK);
  for (let index = at + 1; index < end; index += 1) {
    const bar = bars[index];
    if (bar && (up ? bar.low <= low : bar.high >= high)) return index;
  }
  return null;
}
