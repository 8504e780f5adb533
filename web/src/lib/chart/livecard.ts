/** A chart card that goes on after it was loaded: the bars that a live feed tells, behind those that are recorded. */
import type { ChartCard, FedBar, Timeframe } from '$lib/api/types';
import type { Bar } from './bars';
import { compareLines, type CardData, type Line } from './card';
import { LiveSeries } from './live';
import { isTimeframe } from './timeframes';

/** How far before a message the newest bar of that time may have ended: markets close over long weekends. */
const CLOSED_FOR = 4 * 86_400_000;

/** Whether a card shows what was newest when it was made, and so goes on with what is newest now. */
export function reachesNow(card: ChartCard, madeAt: string | undefined): boolean {
  if (!card.end) return true;
  return madeAt !== undefined && Date.parse(card.end) >= Date.parse(madeAt) - CLOSED_FOR;
}

export function timeframeOf(card: ChartCard): Timeframe {
  return isTimeframe(card.timeframe) ? card.timeframe : '1d';
}

function barOf({ time, open, high, low, close, volume }: Omit<Bar, 'timestamp'> & { time: number }): Bar {
  return { timestamp: time, open, high, low, close, volume };
}

export class LiveCard {
  #loaded: CardData;
  #series = new Map<string, LiveSeries>();

  constructor(card: ChartCard, loaded: CardData) {
    this.#loaded = loaded;
    for (const { symbol, bars } of loaded.series) {
      const series = new LiveSeries(timeframeOf(card), 'UTC');
      series.setRecorded(bars);
      this.#series.set(symbol, series);
    }
  }

  /** Whether a bar moves that is not over yet. */
  get moves(): boolean {
    return [...this.#series.values()].some((series) => series.moving !== null);
  }

  /** Take the newest bar in. False, and nothing is taken: bars closed between the last one here and this one. */
  take(fed: FedBar): boolean {
    const series = this.#series.get(fed.symbol);
    const newest = series?.newest;
    if (!series || newest === null || newest === undefined) return true;
    if (fed.last_closed && fed.last_closed.time > newest && series.moving?.timestamp !== fed.last_closed.time) {
      return false;
    }
    if (fed.time < newest) return true;
    series.follow(barOf(fed), fed.closed, fed.last_closed && barOf(fed.last_closed));
    return true;
  }

  /** What the card shows now. Studies are known of the bars that were over when it was loaded. */
  data(): CardData {
    const series = [...this.#series].map(([symbol, one]) => ({ symbol, bars: one.shown() }));
    const { bars, overlays, panes, lines } = this.#loaded;
    if (lines.length > 0) return { ...this.#loaded, ...compareLines(series), series };
    if (bars.length === 0) return { ...this.#loaded, series };
    const shown = series[0]?.bars ?? [];
    const time = shown.map((bar) => bar.timestamp);
    const stretch = (line: Line): Line => ({ ...line, values: this.#valuesAt(time, line) });
    return {
      ...{ time, bars: shown, lines, series },
      overlays: overlays.map(stretch),
      panes: panes.map((pane) => ({ ...pane, lines: pane.lines.map(stretch) })),
    };
  }

  #valuesAt(time: readonly number[], line: Line): (number | null)[] {
    const values = new Map(this.#loaded.time.map((each, index) => [each, line.values[index] ?? null]));
    return time.map((each) => values.get(each) ?? null);
  }
}
