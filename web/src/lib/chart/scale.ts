/** Straight-line scales and round ticks for small charts. */

export type Scale = (value: number) => number;

export function linear(domain: [number, number], range: [number, number]): Scale {
  const [d0, d1] = domain;
  const [r0, r1] = range;
  const span = d1 - d0 || 1;
  return (value) => r0 + ((value - d0) / span) * (r1 - r0);
}

/** The least and greatest of the numbers, with a little room; null when there are none. */
export function extent(values: Iterable<number | null | undefined>, room = 0.06): [number, number] | null {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return null;
  const margin = (most - least || Math.abs(most) || 1) * room;
  return [least - margin, most + margin];
}

/** About `count` round numbers within the domain. */
export function ticks([low, high]: [number, number], count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const found: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) {
    found.push(Math.abs(tick) < step * 1e-9 ? 0 : tick);
  }
  return found;
}

/** An SVG path through points; a gap (null) lifts the pen. */
export function linePath(points: readonly ([number, number] | null)[]): string {
  let down = false;
  return points
    .map((point) => {
      if (!point) {
        down = false;
        return '';
      }
      const command = down ? 'L' : 'M';
      down = true;
      return `${command}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    })
    .join('');
}

/** Move labels apart so that none is closer than `gap` to the next; keeps their order. */
export function spread(positions: readonly number[], gap: number, low: number, high: number): number[] {
  const order = positions.map((_, index) => index).sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
  const placed = [...positions];
  let at = low - gap;
  for (const index of order) {
    at = Math.max(placed[index] ?? 0, at + gap);
    placed[index] = at;
  }
  let limit = high + gap;
  for (const index of order.reverse()) {
    limit = Math.min(placed[index] ?? 0, limit - gap);
    placed[index] = limit;
  }
  return placed;
}
