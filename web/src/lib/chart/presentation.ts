/** What is drawn of the bars: themselves, or what a kind of chart makes of them. */
import type { Bar } from './bars';
import { toHeikinAshi } from './heikinashi';
import { toRenko } from './renko';
import type { Kind } from './settings';

/** A bar as it is drawn. `source` is the bar that it was made of, where its own time is not that bar's. */
export interface ShownBar extends Bar {
  source?: number;
}

export function present(kind: Kind, bars: readonly Bar[], box: number): ShownBar[] {
  if (kind === 'heikin_ashi') return toHeikinAshi(bars);
  if (kind === 'renko') return toRenko(bars, box);
  return [...bars];
}

/** Whether older bars change how the newer ones are drawn. */
export function dependsOnOlder(kind: Kind): boolean {
  return kind === 'heikin_ashi' || kind === 'renko';
}

export function sourceOf(bar: { timestamp: number; source?: unknown }): number {
  return typeof bar.source === 'number' ? bar.source : bar.timestamp;
}

function same(a: ShownBar | undefined, b: ShownBar | undefined): boolean {
  return a?.timestamp === b?.timestamp && a?.close === b?.close && a?.high === b?.high && a?.low === b?.low;
}

/** What turns the bars drawn before into those to draw now: bars to put at the end, or null to draw all anew. */
export function difference(before: readonly ShownBar[], after: readonly ShownBar[]): ShownBar[] | null {
  const last = before.length - 1;
  const held = before[last];
  if (!held || after.length < before.length) return null;
  if (before[0]?.timestamp !== after[0]?.timestamp || after[last]?.timestamp !== held.timestamp) return null;
  if (last > 0 && !same(before[last - 1], after[last - 1])) return null;
  if (after.length === before.length && same(held, after[last]) && held.volume === after[last]?.volume) return [];
  return after.slice(last);
}
