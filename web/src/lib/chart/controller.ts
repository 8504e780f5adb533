/** The full chart: the chart library, fed with bars, studies, comparisons, marks and the moving bar. */
import { dispose, init, type Chart, type DataLoaderGetBarsParams, type KLineData } from 'klinecharts';
import type { FedBar, IndicatorInfo, Instrument, LiveBar, Timeframe } from '$lib/api/types';
import { priceDecimals } from '$lib/format/number';
import type { Panes } from './arrangement';
import type { Bar } from './bars';
import { readColours } from './colours';
import { Companions } from './companions';
import { Decorations, type Mark } from './decorations';
import { Feeding, type Follow } from './feeding';
import { FIRST, History } from './history';
import { legendOf, type Legend } from './legend';
import { PaneHeights } from './panes';
import { Pointer } from './pointer';
import { dependsOnOlder, difference, present, sourceOf, type ShownBar } from './presentation';
import { Profile } from './profile';
import { boxOf } from './renko';
import { DEFAULT_SETTINGS, type ChartSettings } from './settings';
import type { Study } from './studies';
import { chartStyles } from './styles';
import { isIntraday, TIMEFRAMES } from './timeframes';
import { centre, pan, panPage, placeNow, putBack, toNewest, windowOf, zoom, type Window } from './viewport';
import { zoneFor } from './zones';

const AXES = { linear: 'normal', log: 'logarithm', percent: 'percentage' } as const;

export interface ChartEvents {
  /** The bars changed: the newest real one that may be seen, and how many are drawn. */
  onBars(newest: Bar | null, count: number): void;
  onLegend(legend: Legend): void;
  onLoading(loading: boolean): void;
  onError(error: unknown): void;
  /** Somebody gave panes other heights. */
  onPanes(panes: Panes): void;
}

export class ChartController {
  readonly chart: Chart;
  #host: HTMLElement;
  #events: ChartEvents;
  #history: History | null = null;
  #settings: ChartSettings = DEFAULT_SETTINGS;
  #shown: ShownBar[] = [];
  #box = 1;
  /** The newest bar that may be seen, of a bar replay. */
  #cut: number | null = null;
  #switching = false;
  #push: ((bar: KLineData) => void) | null = null;
  #companions: Companions;
  #decorations: Decorations;
  #marks: readonly Mark[] = [];
  #profile: Profile;
  #pointer: Pointer;
  #panes: PaneHeights;
  #feeding: Feeding;
  #generation = 0;
  #resize: ResizeObserver;
  #frame = 0;

  constructor(host: HTMLElement, events: ChartEvents, follow: Follow) {
    const options = { timezone: 'UTC', locale: 'en-US', styles: chartStyles(readColours(), 'hollow') };
    const chart = init(host, { ...options, hotkey: { enabled: false } });
    if (!chart) throw new Error('This browser cannot draw charts.');
    [this.chart, this.#host, this.#events] = [chart, host, events];
    chart.setOffsetRightDistance(48);
    this.#decorations = new Decorations(chart);
    this.#profile = new Profile(chart);
    this.#companions = new Companions(chart, () => this.#tellLegend());
    this.#panes = new PaneHeights(chart, this.#companions, (panes) => events.onPanes(panes));
    this.#feeding = new Feeding(this.#companions, follow, {
      onMoved: () => this.#drawOn(),
      onRecorded: () => this.retry(),
      onError: (error) => events.onError(error),
    });
    this.#pointer = new Pointer(chart, host, () => this.#tellLegend());
    this.#panes.showVolume(true);
    // What others have changed by is since the left edge of the view; nothing else that is said depends on it.
    chart.subscribeAction('onVisibleRangeChange', () => this.#companions.comparing && this.#tellLegend());
    chart.subscribeAction('onPaneDrag', () => this.#tellLegend());
    chart.setDataLoader({
      getBars: (params) => this.#load(params),
      subscribeBar: ({ callback }) => {
        this.#push = callback;
      },
      unsubscribeBar: () => {
        this.#push = null;
      },
    });
    this.#resize = new ResizeObserver(() => {
      chart.resize();
      this.#tellLegend();
    });
    this.#resize.observe(host);
  }

  destroy(): void {
    this.#generation += 1;
    cancelAnimationFrame(this.#frame);
    this.#resize.disconnect();
    this.#panes.destroy();
    this.#pointer.destroy();
    this.#profile.destroy();
    this.#companions.end();
    dispose(this.#host);
  }

  show(instrument: Instrument, timeframe: Timeframe): void {
    this.#generation += 1;
    this.#history = new History(instrument, timeframe, this.#settings.adjustment);
    [this.#cut, this.#shown] = [null, []];
    this.#pointer.forget();
    this.#companions.begin(this.#history);
    this.#feeding.begin(this.#history);
    // The library loads after each of the two calls; only the second is right.
    this.#switching = true;
    this.chart.setPeriod(TIMEFRAMES[timeframe].period);
    this.#switching = false;
    this.#dress();
    this.chart.setSymbol({ ticker: instrument.symbol, pricePrecision: 2, volumePrecision: 0 });
  }

  retry(): void {
    if (this.#history) this.#history.loaded = false;
    this.chart.resetData();
  }

  /** The opens of the bars that could be seen, oldest first, also those that a bar replay hides. */
  times(): number[] {
    return this.#history?.series.shown().map((bar) => bar.timestamp) ?? [];
  }

  apply(settings: ChartSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#panes.showVolume(settings.volume);
    if (settings.kind !== before.kind || settings.renkoBox !== before.renkoBox) {
      this.chart.setStyles(chartStyles(readColours(), settings.kind));
      this.#box = boxOf(this.#real(), settings.renkoBox);
      if (this.#history?.loaded) this.#rebuild();
    }
    this.#scale();
    this.#dress();
  }

  /** Show exactly these studies. */
  setStudies(studies: readonly Study[], catalogue: readonly IndicatorInfo[]): void {
    this.#companions.setStudies(studies, catalogue);
    this.#cover();
  }

  /** Give panes the heights that they were given before, fold and unfold them. */
  setPanes(panes: Panes): void {
    this.#panes.set(panes);
  }

  /** How high the pane of a study is, as a part of the chart. */
  paneHeight(id: string): number | null {
    return this.#panes.partOf(id);
  }

  /** How high a Renko brick is. */
  get box(): number {
    return this.#box;
  }

  /** Draw exactly these instruments beside the bars, on a percent scale. */
  setCompared(symbols: readonly string[]): void {
    this.#companions.setCompared(symbols);
    this.#scale();
    this.#cover();
  }

  setMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#dress();
  }

  /** Take the bar that a replay moves. */
  applyReplayed(live: LiveBar): void {
    this.#feeding.takeReplayed(live);
  }

  /** Take the newest bar of this timeframe, as a live feed tells it. */
  applyFed(fed: FedBar): void {
    this.#feeding.takeFed(fed);
  }

  /** Show no bar after this one; null: all of them. */
  cutAt(time: number | null): void {
    if (time === this.#cut) return;
    this.#cut = time;
    this.#drawOn();
  }

  closeBefore(time: number): number | null {
    return this.#history?.series.closeBefore(time) ?? null;
  }

  /** Let keys go to the chart. */
  focus(): void {
    this.#host.focus({ preventScroll: true });
  }

  /** The real bars in view, oldest first. */
  barsInView(): Bar[] {
    const { from, to } = this.chart.getVisibleRange();
    const seen = new Set(
      this.chart
        .getDataList()
        .slice(from, to)
        .map((bar) => sourceOf(bar)),
    );
    return this.#real().filter((bar) => seen.has(bar.timestamp));
  }

  /** The bars in view; null while there are none. */
  window(): Window | null {
    return windowOf(this.chart);
  }

  /** The bar that is drawn at a place of the page; null beside the bars. */
  timeAt(clientX: number): number | null {
    const index = this.#pointer.indexOnPage(clientX);
    const bar = index === null ? undefined : this.chart.getDataList()[index];
    return bar ? sourceOf(bar) : null;
  }

  /** Bring a moment into view, reading older bars as needed; false when it is before all bars. */
  async goTo(time: number): Promise<boolean> {
    const history = this.#history;
    if (!history?.loaded) return false;
    if ((history.oldest ?? time) > time && history.more) {
      this.#events.onLoading(true);
      try {
        await history.until(time);
      } finally {
        this.#events.onLoading(false);
      }
      if (history !== this.#history) return false;
      this.#rebuild();
    }
    return centre(this.chart, time);
  }

  pan(bars: number): void {
    pan(this.chart, bars);
  }

  page(pages: number): void {
    panPage(this.chart, pages);
  }

  zoom(steps: number): void {
    zoom(this.chart, steps);
  }

  toNewest(): void {
    toNewest(this.chart);
  }

  toOldest(): void {
    centre(this.chart, 0);
  }

  restyle(): void {
    this.chart.setStyles(chartStyles(readColours(), this.#settings.kind));
    this.#decorations.restyle();
    this.#decorations.refresh();
  }

  #scale(): void {
    const scale = this.#companions.comparing ? 'percent' : this.#settings.scale;
    const [axis] = this.chart.getYAxes({ paneId: 'candle_pane' });
    if (axis?.name !== AXES[scale]) this.chart.overrideYAxis({ paneId: 'candle_pane', name: AXES[scale] });
  }

  #dress(): void {
    const history = this.#history;
    if (!history) return;
    const zone = zoneFor(this.#settings.zone, history.timeframe, history.instrument.zone);
    this.chart.setTimezone(zone);
    const sessions = this.#settings.sessions && isIntraday(history.timeframe) ? history.instrument.zone : null;
    this.#decorations.set({ sessions, gaps: this.#settings.gaps, marks: this.#marks });
    const { instrument, timeframe, adjustment } = history;
    this.#profile.set(this.#settings.profile ? { symbol: instrument.symbol, timeframe, adjustment } : null);
    this.#tellLegend();
  }

  async #load(params: DataLoaderGetBarsParams): Promise<void> {
    const history = this.#history;
    if (!history || this.#switching || params.symbol.ticker !== history.instrument.symbol) return;
    if (params.type === 'backward') return params.callback([], false);
    const older = params.type === 'forward';
    // What is loaded already is only drawn anew.
    if (!older && history.loaded) return this.#give(params, this.#present());
    const generation = this.#generation;
    if (!older) this.#events.onLoading(true);
    try {
      if (!older) {
        await history.first();
        if (generation !== this.#generation) return;
        this.#begin();
        this.#give(params, this.#present());
        return this.#feeding.loaded();
      }
      const bars = await history.older();
      if (generation !== this.#generation) return;
      if (!dependsOnOlder(this.#settings.kind)) return this.#give(params, bars);
      params.callback([], { forward: history.more, backward: false });
      this.#rebuild();
    } catch (error) {
      if (generation !== this.#generation) return;
      params.callback([], false);
      this.#events.onError(error);
    } finally {
      if (!older && generation === this.#generation) this.#events.onLoading(false);
    }
  }

  #begin(): void {
    const bars = this.#real();
    this.#box = boxOf(bars, this.#settings.renkoBox);
    const symbol = this.chart.getSymbol();
    if (symbol) symbol.pricePrecision = priceDecimals(bars.at(-1)?.close ?? 1);
  }

  #give(params: DataLoaderGetBarsParams, bars: ShownBar[]): void {
    const more = this.#history?.more ?? false;
    params.callback(
      bars.map((bar) => ({ ...bar })),
      { forward: more, backward: false },
    );
    this.#shown = this.#present();
    this.#settle();
  }

  /** The real bars that may be seen. */
  #real(): Bar[] {
    const bars = this.#history?.series.shown() ?? [];
    const cut = this.#cut;
    return cut === null ? bars : bars.filter((bar) => bar.timestamp <= cut);
  }

  #present(): ShownBar[] {
    return present(this.#settings.kind, this.#real(), this.#box);
  }

  /** Draw what changed: at the end where that is all, else everything. */
  #drawOn(): void {
    const after = this.#present();
    const pushed = difference(this.#shown, after);
    if (pushed === null) return this.#rebuild();
    this.#shown = after;
    for (const bar of pushed) this.#push?.({ ...bar });
    if (pushed.length > 0) this.#settle();
  }

  #rebuild(): void {
    const place = placeNow(this.chart);
    this.chart.resetData();
    putBack(this.chart, place);
  }

  #settle(): void {
    this.#decorations.refresh();
    this.#profile.refresh();
    this.#cover();
    const newest = this.#real().at(-1) ?? null;
    this.#events.onBars(newest, this.chart.getDataList().length);
    this.#tellLegend();
  }

  #cover(): void {
    const [oldest, count] = [this.#real()[0]?.timestamp, this.#real().length];
    if (oldest === undefined || !this.#history?.loaded) return;
    this.#companions.cover(oldest, Math.max(count, FIRST));
  }

  /** Tell the legend once a frame, however often things change. */
  #tellLegend(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const parts = { companions: this.#companions, decorations: this.#decorations };
      this.#events.onLegend(legendOf(this.chart, parts, this.#pointer.at));
    });
  }
}
