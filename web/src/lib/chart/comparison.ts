/**
 * Another instrument on the chart. Both begin at nought percent at the left edge of the view, as the percent axis has it;
 * so its closes are put on the price axis scaled by the two closes there, and no more is computed while one pans.
 */
import { registerIndicator, type Chart, type IndicatorCreate, type KLineData } from 'klinecharts';
import type { Adjustment, Timeframe } from '$lib/api/types';
import { fetchBars } from './bars';
import { sourceOf } from './presentation';

const NAME = 'outcry.comparison';
let registered = false;

function register(): void {
  if (registered) return;
  registered = true;
  registerIndicator<Scaled>({
    name: NAME,
    series: 'price',
    figures: [{ key: 'value', type: 'line' }],
    calc: () => [],
  });
}

interface Basis {
  /** The first bar in view, and what a price of the other instrument is multiplied with; null: it has none there. */
  from: number;
  factor: number | null;
}

/** One close of the other instrument, on the price axis of this chart. */
class Scaled {
  constructor(
    readonly close: number | undefined,
    private readonly basis: () => number | null,
  ) {}

  get value(): number | undefined {
    const factor = this.basis();
    return this.close === undefined || factor === null ? undefined : this.close * factor;
  }
}

export class Comparison {
  readonly symbol: string;
  readonly colour: string;
  error = '';
  #chart: Chart;
  #timeframe: Timeframe;
  #adjustment: Adjustment;
  #closes = new Map<number, number>();
  #basis: Basis = { from: -1, factor: null };
  #oldest: number | null = null;
  #gone = false;
  #changed: () => void;

  constructor(
    chart: Chart,
    symbol: string,
    bars: { timeframe: Timeframe; adjustment: Adjustment },
    colour: string,
    changed: () => void,
  ) {
    [this.#chart, this.symbol, this.colour, this.#changed] = [chart, symbol, colour, changed];
    [this.#timeframe, this.#adjustment] = [bars.timeframe, bars.adjustment];
    register();
    const create: IndicatorCreate<Scaled> = {
      ...{ name: NAME, id: this.#id, paneId: 'candle_pane', calcParams: [], calc: this.#calc() },
      styles: { lines: [{ color: colour, size: 1.8 }] },
    };
    chart.createIndicator(create as IndicatorCreate, true);
  }

  get #id(): string {
    return `compare.${this.symbol}`;
  }

  remove(): void {
    this.#gone = true;
    this.#chart.removeIndicator({ id: this.#id });
  }

  /** Read the closes of the bars that are loaded. */
  async cover(oldest: number, count: number): Promise<void> {
    if (this.#oldest !== null && oldest >= this.#oldest) return;
    const end = this.#oldest === null ? {} : { end: new Date(this.#oldest).toISOString() };
    this.#oldest = oldest;
    try {
      const limit = Math.min(5000, Math.max(1, count * 2));
      const window = { start: new Date(oldest).toISOString(), ...end, limit, adjustment: this.#adjustment };
      const page = await fetchBars(this.symbol, this.#timeframe, window);
      if (this.#gone) return;
      for (const bar of page.bars) this.#closes.set(bar.timestamp, bar.close);
      this.error = page.bars.length === 0 && this.#closes.size === 0 ? 'No bars in this time' : '';
    } catch {
      this.#oldest = null;
      this.error = `No ${this.#timeframe} bars`;
    }
    if (this.#gone) return;
    const override: IndicatorCreate<Scaled> = { name: NAME, id: this.#id, calc: this.#calc() };
    this.#chart.overrideIndicator(override as IndicatorCreate);
    this.#changed();
  }

  /** Its change since the left edge of the view, in percent, at a bar; null where it has no close. */
  changeAt(time: number): number | null {
    const [first, close] = [this.#first(this.#chart.getVisibleRange().from), this.#closes.get(time)];
    return first === null || close === undefined ? null : (close / first - 1) * 100;
  }

  #calc(): (bars: KLineData[]) => Scaled[] {
    this.#basis = { from: -1, factor: null };
    const basis = (): number | null => this.#factor();
    return (bars) => {
      this.#basis = { from: -1, factor: null };
      return bars.map((bar) => new Scaled(this.#closes.get(sourceOf(bar)), basis));
    };
  }

  #factor(): number | null {
    const { from } = this.#chart.getVisibleRange();
    if (from === this.#basis.from) return this.#basis.factor;
    const own = this.#chart.getDataList()[from]?.close;
    const first = this.#first(from);
    this.#basis = { from, factor: own === undefined || !first ? null : own / first };
    return this.#basis.factor;
  }

  /** Its close at a bar of the chart, or the first one after it. */
  #first(from: number): number | null {
    const bars = this.#chart.getDataList();
    for (let at = from; at < bars.length && at < from + 500; at += 1) {
      const bar = bars[at];
      const close = bar ? this.#closes.get(sourceOf(bar)) : undefined;
      if (close !== undefined) return close;
    }
    return null;
  }
}
