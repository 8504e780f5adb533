/** The bars of one chart: those that were read, older ones as one goes back, and the one that moves. */
import type { Adjustment, FedBar, Instrument, LiveBar, Timeframe } from '$lib/api/types';
import { fetchBars, type Bar, type BarWindow } from './bars';
import { LiveSeries, type Step } from './live';
import { TIMEFRAMES } from './timeframes';

export const FIRST = 800;
const OLDER = 500;
const MOST = 5000;
/** No more than this many pages for one jump to a date. */
const MOST_PAGES = 20;

export class History {
  readonly instrument: Instrument;
  readonly timeframe: Timeframe;
  readonly adjustment: Adjustment;
  readonly series: LiveSeries;
  /** Whether the server has older bars. */
  more = false;
  loaded = false;
  /** Whether the newest bars could not be read. */
  failed = false;
  /** Whether nothing was taken out of the prices, so that a live feed's are of the same kind. */
  raw = true;
  #finerFor: Timeframe | null = null;

  constructor(instrument: Instrument, timeframe: Timeframe, adjustment: Adjustment) {
    this.instrument = instrument;
    this.timeframe = timeframe;
    this.adjustment = adjustment;
    this.series = new LiveSeries(timeframe, instrument.zone);
  }

  get oldest(): number | null {
    return this.series.shown()[0]?.timestamp ?? null;
  }

  async first(): Promise<void> {
    this.failed = false;
    const page = await this.#fetch({ limit: FIRST }).catch((error: unknown) => {
      this.failed = true;
      throw error;
    });
    this.series.setRecorded(page.bars);
    this.raw = page.raw;
    this.more = page.more;
    this.loaded = true;
  }

  /** Read a page before the oldest bar; returns its bars. */
  async older(limit = OLDER): Promise<Bar[]> {
    const end = this.oldest === null ? {} : { end: new Date(this.oldest).toISOString() };
    const page = await this.#fetch({ limit, ...end });
    this.more = page.more;
    this.series.addOlder(page.bars);
    return page.bars;
  }

  /** Read older bars until this moment is among them, or there are none left. */
  async until(time: number): Promise<void> {
    for (let page = 0; page < MOST_PAGES && this.more && (this.oldest ?? time) > time; page += 1) {
      if ((await this.older(MOST)).length === 0) return;
    }
  }

  /** Take the newest bar of a live feed in; false: bars were missed, read them with `catchUp`. */
  follow(fed: FedBar): boolean {
    return this.series.follow(barOf(fed), fed.closed, fed.last_closed && barOf(fed.last_closed));
  }

  /** Read what was recorded since this moment. */
  async catchUp(since: number): Promise<void> {
    const page = await this.#fetch({ start: new Date(since).toISOString(), limit: MOST });
    this.series.record(page.bars);
  }

  /** Take a moving bar in. Null: finer bars are needed first; read them with `readFiner`. */
  apply(live: LiveBar): Step | null {
    const finer = TIMEFRAMES[live.timeframe].length < TIMEFRAMES[this.timeframe].length;
    if (finer && this.#finerFor !== live.timeframe) return null;
    return this.series.apply(live);
  }

  /** Read the finer bars of which the moving one is joined. */
  async readFiner(timeframe: Timeframe): Promise<void> {
    this.#finerFor = timeframe;
    try {
      const { adjustment } = this;
      const page = await fetchBars(this.instrument.symbol, timeframe, { limit: 2000, adjustment });
      this.series.setFiner(page.bars);
    } catch (error) {
      this.#finerFor = null;
      throw error;
    }
  }

  #fetch(window: BarWindow): ReturnType<typeof fetchBars> {
    return fetchBars(this.instrument.symbol, this.timeframe, { ...window, adjustment: this.adjustment });
  }
}

function barOf({ time, open, high, low, close, volume }: Omit<Bar, 'timestamp'> & { time: number }): Bar {
  return { timestamp: time, open, high, low, close, volume };
}
