import { describe, expect, it } from 'vitest';
import type { Bar } from './bars';
import { findGaps } from './gaps';
import { toHeikinAshi } from './heikinashi';
import { difference, present } from './presentation';
import { boxFor, boxOf, toRenko } from './renko';

function bar(timestamp: number, open: number, high: number, low: number, close: number, volume = 10): Bar {
  return { timestamp, open, high, low, close, volume };
}

/** Bars that close at these prices, a minute apart. */
function closing(...closes: number[]): Bar[] {
  return closes.map((close, index) => bar(index * 60_000, close, close + 1, close - 1, close));
}

function walk(count: number): Bar[] {
  let [price, seed] = [100, 7];
  return Array.from({ length: count }, (_, index) => {
    seed = (seed * 16807) % 2147483647;
    price *= 1 + ((seed % 1000) - 499) / 20_000;
    return bar(index * 60_000, price, price * 1.01, price * 0.99, price);
  });
}

describe('Heikin-Ashi', () => {
  it('has the values of a worked example', () => {
    const made = toHeikinAshi([bar(1, 58.67, 58.82, 57.03, 57.73), bar(2, 57.46, 57.72, 56.21, 56.27)]);
    expect(made[0]?.open).toBeCloseTo(58.2, 10);
    expect(made[0]?.close).toBeCloseTo(58.0625, 10);
    expect(made[1]?.open).toBeCloseTo((58.2 + 58.0625) / 2, 10);
    expect(made[1]?.close).toBeCloseTo(56.915, 10);
    expect(made[1]?.high).toBeCloseTo((58.2 + 58.0625) / 2, 10);
    expect(made[1]?.low).toBe(56.21);
  });

  it('does not change earlier bars when later ones come', () => {
    const bars = walk(60);
    expect(toHeikinAshi(bars).slice(0, 30)).toEqual(toHeikinAshi(bars.slice(0, 30)));
  });
});

describe('Renko', () => {
  const ends = (closes: number[], box: number): number[][] =>
    toRenko(closing(...closes), box).map((brick) => [brick.open, brick.close]);

  it('goes on by one box, and turns after two', () => {
    expect(ends([10, 10.9, 12.1, 11.2, 10.1, 9.9], 1)).toEqual([
      [10, 11],
      [11, 12],
      [11, 10],
    ]);
  });

  it('turns up again as it turned down', () => {
    expect(ends([10, 8, 9, 9.9, 10], 1)).toEqual([
      [10, 9],
      [9, 8],
      [9, 10],
    ]);
  });

  it('makes several bricks of one bar, each with a time of its own', () => {
    const bricks = toRenko(closing(10, 14), 1);
    expect(bricks.map((brick) => brick.timestamp)).toEqual([60_000, 60_001, 60_002, 60_003]);
    expect(new Set(bricks.map((brick) => brick.source))).toEqual(new Set([60_000]));
    expect(bricks.reduce((sum, brick) => sum + brick.volume, 0)).toBe(20);
  });

  it('is a staircase: each brick begins at an end of the one before, whatever the bars', () => {
    const bars = walk(2000);
    const bricks = toRenko(bars, boxFor(bars));
    expect(bricks.length).toBeGreaterThan(20);
    for (const [index, brick] of bricks.entries()) {
      const before = bricks[index - 1];
      if (!before) continue;
      const follows = Math.sign(brick.close - brick.open) === Math.sign(before.close - before.open);
      expect(brick.open).toBeCloseTo(follows ? before.close : before.open, 8);
      expect(brick.timestamp).toBeGreaterThan(before.timestamp);
    }
  });

  it('has the bricks that pictures of the server have', () => {
    // The same closes and bricks are in tests/services/charts/rendering/test_bricks.py.
    const bars = closing(10.7, 11.2, 13.1, 12.4, 10.9, 10.9, 14);
    const bricks = toRenko(bars, 1).map((brick) => [brick.open, brick.close, brick.source / 60_000]);
    expect(bricks).toEqual([
      [10, 11, 1],
      [11, 12, 2],
      [12, 13, 2],
      [12, 11, 4],
      [12, 13, 6],
      [13, 14, 6],
    ]);
  });

  it('has the box that was chosen, unless nobody could draw so many bricks', () => {
    expect(boxOf(walk(100), 3)).toBe(3);
    expect(boxOf(walk(100), null)).toBe(boxFor(walk(100)));
    const bars = walk(2000);
    expect(toRenko(bars, boxOf(bars, 1e-9)).length).toBeLessThanOrEqual(5000);
  });

  it('has a round box, and none for no bars', () => {
    expect(boxFor(closing(100, 101, 100, 101))).toBe(2);
    expect(toRenko([], 1)).toEqual([]);
    expect(toRenko(closing(1, 2), 0)).toEqual([]);
  });
});

describe('gaps', () => {
  it('finds a jump, and where it was filled', () => {
    const bars = [...closing(10, 10, 10), bar(3, 14, 15, 13, 14), bar(4, 13, 13, 12, 12), bar(5, 12, 12, 10, 10)];
    expect(findGaps(bars)).toEqual([{ from: 2, filled: 5, low: 11, high: 13, up: true }]);
  });

  it('lets small ones be', () => {
    expect(findGaps([bar(1, 1, 3, 1, 2), bar(2, 3, 5, 3.1, 4)])).toEqual([]);
  });
});

describe('what is drawn after a change', () => {
  const bars = closing(1, 2, 3);

  it('is nothing, the end, or everything', () => {
    expect(difference(bars, bars)).toEqual([]);
    expect(difference(bars, closing(1, 2, 3, 4))).toEqual(closing(1, 2, 3, 4).slice(2));
    expect(difference(bars, closing(1, 2, 9))).toEqual(closing(1, 2, 9).slice(2));
    expect(difference(bars, closing(1, 2))).toBeNull();
    expect(difference(bars, closing(5, 2, 3).slice(1))).toBeNull();
    expect(difference([], bars)).toBeNull();
  });

  it('is, put together, what a whole drawing would be, for every kind', () => {
    const all = walk(300);
    for (const kind of ['candles', 'heikin_ashi', 'renko'] as const) {
      let drawn = present(kind, all.slice(0, 50), 1);
      for (let count = 51; count <= all.length; count += 1) {
        const after = present(kind, all.slice(0, count), 1);
        const pushed = difference(drawn, after);
        drawn = pushed === null ? after : [...drawn.slice(0, drawn.length - (pushed.length ? 1 : 0)), ...pushed];
        expect(drawn).toEqual(after);
      }
    }
  });
});
