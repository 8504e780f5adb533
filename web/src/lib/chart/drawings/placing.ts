/** Drawing without a mouse: where a drawing begins that is put into the view, and how keys move it. */
import type { Bar } from '../bars';
import type { DrawingKind, Point } from './model';

/** What of the height of the view the points of a kind lie above the bars. */
const RISE = { channel: 0.2, rectangle: 0.15, stop: -0.1, target: 0.2 };

/** The points of a drawing in the middle of the bars in view; none without bars. */
export function placeInView(kind: DrawingKind, bars: readonly Bar[]): Point[] {
  const at = (part: number): Bar | undefined => bars[Math.round(part * (bars.length - 1))];
  const [left, middle, right] = [at(0.3), at(0.5), at(0.7)];
  if (!left || !middle || !right) return [];
  const height = heightOf(bars);
  const point = (bar: Bar, rise = 0): Point => ({ time: bar.timestamp, price: bar.close + rise * height });
  const ends = [point(left), point(right)];
  switch (kind) {
    case 'horizontal':
    case 'text':
      return [point(middle)];
    case 'channel':
      return [...ends, point(left, RISE.channel)];
    case 'rectangle':
      return [point(left, -RISE.rectangle), point(right, RISE.rectangle)];
    case 'position': {
      const { price } = point(middle);
      const level = (bar: Bar, rise: number): Point => ({ time: bar.timestamp, price: price + rise * height });
      return [level(middle, 0), level(right, RISE.stop), level(right, RISE.target)];
    }
    default:
      return ends;
  }
}

/** How far the prices of the bars reach. */
export function heightOf(bars: readonly Bar[]): number {
  const [high, low] = [Math.max(...bars.map((bar) => bar.high)), Math.min(...bars.map((bar) => bar.low))];
  return high > low ? high - low : Math.abs(high) / 100 || 1;
}

/** The points so many bars to the right and so much higher; none leaves the bars, whose opens are `times`. */
export function movePoints(points: readonly Point[], times: readonly number[], bars: number, rise: number): Point[] {
  const places = points.map(({ time }) => placeBefore(times, time));
  const most = times.length - 1;
  const room = bars > 0 ? most - Math.max(...places) : Math.min(...places);
  const by = Math.sign(bars) * Math.min(Math.abs(bars), Math.max(0, room));
  return points.map(({ time, price }, index) => {
    const from = places[index] ?? 0;
    const moved = by === 0 ? time : time + ((times[from + by] ?? time) - (times[from] ?? time));
    return { time: moved, price: price + rise };
  });
}

/** The place of the last bar that opens at a moment or before it. */
function placeBefore(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((times[middle] ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}
