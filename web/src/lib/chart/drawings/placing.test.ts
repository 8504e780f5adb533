import { describe, expect, it } from 'vitest';
import type { Bar } from '../bars';
import { TOOLS } from './model';
import { movePoints, placeInView } from './placing';

const BARS: Bar[] = Array.from({ length: 11 }, (_, index) => {
  const close = 100 + index;
  return { timestamp: index * 1000, open: close, high: close + 1, low: close - 1, close, volume: 1 };
});
const TIMES = BARS.map((bar) => bar.timestamp);

describe('a drawing that is put into the view', () => {
  it('has the points that its kind needs, all of them at bars', () => {
    for (const { kind, clicks } of TOOLS) {
      const points = placeInView(kind, BARS);
      expect(points.length, kind).toBe(clicks.length);
      expect(points.every((point) => TIMES.includes(point.time))).toBe(true);
      expect(placeInView(kind, [])).toEqual([]);
    }
  });

  it('has its stop below its entry, and its target above', () => {
    const [entry, stop, target] = placeInView('position', BARS).map((point) => point.price);
    expect(stop).toBeLessThan(entry ?? 0);
    expect(target).toBeGreaterThan(entry ?? 0);
  });

  it('goes along with keys, and never beyond the bars', () => {
    const line = placeInView('trend_line', BARS);
    expect(movePoints(line, TIMES, 2, 0.5)).toEqual([
      { time: 5000, price: 103.5 },
      { time: 9000, price: 107.5 },
    ]);
    expect(movePoints(line, TIMES, 10, 0).map((point) => point.time)).toEqual([6000, 10_000]);
    expect(movePoints(line, TIMES, -10, 0).map((point) => point.time)).toEqual([0, 4000]);
    const between = [{ time: 2400, price: 1 }];
    expect(movePoints(between, TIMES, 1, 0)).toEqual([{ time: 3400, price: 1 }]);
  });
});
