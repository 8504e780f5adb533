/** The full chart: the chart library, fed with bars, studies and the moving bar. */
import { dispose, init, type Chart, type Crosshair, type DataLoaderGetBarsParams, type KLineData } from 'klinecharts';
import type { IndicatorInfo, Instrument, LiveBar, Timeframe } from '$lib/api/types';
import { priceDecimals } from '$lib/format/number';
import { fetchBars, type Bar } from './bars';
import { lineColours, readColours } from './colours';
import { LiveSeries } from './live';
import { StudyOnChart, type Study } from './studies';
import { chartStyles } from './styles';
import { TIMEFRAMES } from './timeframes';

const FIRST = 800;
const OLDER = 500;

export interface ChartEvents {
  /** The bars changed; the newest one, and how many there are. */
  onBars(newest: Bar | null, count: number): void;
  /** The bar under the crosshair, or null when it is away. */
  onHover(bar: Bar | null): void;
  onLoading(loading: boolean): void;
  onError(error: unknown): void;
}

export type Drawing = 'segment' | 'horizontalStraightLine' | 'fibonacciLine';

export class ChartController {
  #chart: Chart;
  #host: HTMLElement;
  #events: ChartEvents;
  #instrument: Instrument | null = null;
  #timeframe: Timeframe = '1d';
  #series: LiveSeries | null = null;
  #more = false;
  #loaded = false;
  #switching = false;
  #push: ((bar: KLineData) => void) | null = null;
  #studies: StudyOnChart[] = [];
  #finerFor: Timeframe | null = null;
  #generation = 0;
  #resize: ResizeObserver;

  constructor(host: HTMLElement, events: ChartEvents) {
    const chart = init(host, { timezone: 'UTC', locale: 'en-US', styles: chartStyles(readColours()) });
    if (!chart) throw new Error('This browser cannot draw charts.');
    this.#chart = chart;
    this.#host = host;
    this.#events = events;
    chart.setOffsetRightDistance(48);
    chart.createIndicator({
      ...{ name: 'VOL', id: 'volume', paneId: 'pane.volume', calcParams: [] },
      // The legend above the chart tells the volume; here it would lie over the bars.
      createTooltipDataSource: () => ({ name: 'Volume', calcParamsText: '', features: [], legends: [] }),
    });
    chart.setPaneOptions({ id: 'pane.volume', height: 80, minHeight: 40 });
    chart.subscribeAction('onCrosshairChange', (data) => this.#hover(data as Crosshair | undefined));
    chart.setDataLoader({
      getBars: (params) => this.#load(params),
      subscribeBar: ({ callback }) => {
        this.#push = callback;
      },
      unsubscribeBar: () => {
        this.#push = null;
      },
    });
    this.#resize = new ResizeObserver(() => chart.resize());
    this.#resize.observe(host);
  }

  destroy(): void {
    this.#generation += 1;
    this.#resize.disconnect();
    dispose(this.#host);
  }

  show(instrument: Instrument, timeframe: Timeframe): void {
    this.#generation += 1;
    this.#instrument = instrument;
    this.#timeframe = timeframe;
    this.#series = new LiveSeries(timeframe, instrument.zone);
    this.#loaded = false;
    this.#finerFor = null;
    this.#studies.forEach((study) => study.remove());
    this.#studies = [];
    // The library loads after each of the two calls; only the second is right.
    this.#switching = true;
    this.#chart.setPeriod(TIMEFRAMES[timeframe].period);
    this.#switching = false;
    this.#chart.setSymbol({ ticker: instrument.symbol, pricePrecision: 2, volumePrecision: 0 });
  }

  retry(): void {
    this.#loaded = false;
    this.#chart.resetData();
  }

  /** Show exactly these studies; those that are there already stay. */
  setStudies(studies: readonly Study[], catalogue: readonly IndicatorInfo[]): void {
    if (!this.#instrument) return;
    const wanted = new Map(studies.map((study) => [study.id, JSON.stringify(study)]));
    const kept = this.#studies.filter((each) => wanted.get(each.study.id) === JSON.stringify(each.study));
    for (const each of this.#studies) if (!kept.includes(each)) each.remove();
    const colours = lineColours(readColours());
    this.#studies = studies.flatMap((study, index) => {
      const present = kept.find((each) => each.study.id === study.id);
      const info = catalogue.find((each) => each.name === study.name);
      if (present || !info) return present ? [present] : [];
      return [this.#addStudy(info, study, colours[index % colours.length] ?? '')];
    });
    this.#cover();
  }

  applyLive(live: LiveBar): void {
    if (!this.#series || !this.#loaded || live.symbol !== this.#instrument?.symbol) return;
    if (live.timeframe !== this.#timeframe && this.#finerFor !== live.timeframe) {
      void this.#loadFiner(live.timeframe);
      return;
    }
    const step = this.#series.apply(live);
    if (step.kind === 'none') return;
    const moving = this.#series.moving;
    const hiddenFrom = moving && live.replayed ? moving.timestamp : Number.POSITIVE_INFINITY;
    for (const study of this.#studies) study.hiddenFrom = hiddenFrom;
    if (step.kind === 'rebuild') this.#chart.resetData();
    else for (const bar of step.bars) this.#push?.({ ...bar });
    this.#tell();
  }

  closeBefore(time: number): number | null {
    return this.#series?.closeBefore(time) ?? null;
  }

  restyle(): void {
    this.#chart.setStyles(chartStyles(readColours()));
  }

  draw(name: Drawing): void {
    this.#chart.createOverlay({ name, groupId: 'drawings' });
  }

  clearDrawings(): void {
    this.#chart.removeOverlay({ groupId: 'drawings' });
  }

  toNewest(): void {
    this.#chart.scrollToRealTime(150);
  }

  #addStudy(info: IndicatorInfo, study: Study, colour: string): StudyOnChart {
    const symbol = this.#instrument?.symbol ?? '';
    const added = new StudyOnChart(this.#chart, info, study, symbol, this.#timeframe, colour);
    added.onError = (error) => this.#events.onError(error);
    const moving = this.#series?.moving;
    if (moving) added.hiddenFrom = moving.timestamp;
    return added;
  }

  async #load(params: DataLoaderGetBarsParams): Promise<void> {
    const [series, instrument] = [this.#series, this.#instrument];
    if (!series || !instrument || this.#switching || params.symbol.ticker !== instrument.symbol) return;
    if (params.type === 'backward') return params.callback([], false);
    const older = params.type === 'forward';
    // What is loaded already is only drawn anew.
    if (!older && this.#loaded) return this.#give(params, series.shown());
    const generation = this.#generation;
    if (!older) this.#events.onLoading(true);
    try {
      const end = older && params.timestamp ? { end: new Date(params.timestamp).toISOString() } : {};
      const page = await fetchBars(instrument.symbol, this.#timeframe, { limit: older ? OLDER : FIRST, ...end });
      if (generation !== this.#generation) return;
      this.#more = page.more;
      if (older) series.addOlder(page.bars);
      else this.#begin(series, page.bars);
      this.#give(params, older ? page.bars : series.shown());
    } catch (error) {
      if (generation !== this.#generation) return;
      params.callback([], false);
      this.#events.onError(error);
    } finally {
      if (!older && generation === this.#generation) this.#events.onLoading(false);
    }
  }

  #begin(series: LiveSeries, bars: Bar[]): void {
    series.setRecorded(bars);
    this.#loaded = true;
    const decimals = priceDecimals(bars.at(-1)?.close ?? 1);
    const symbol = this.#chart.getSymbol();
    if (symbol) symbol.pricePrecision = decimals;
  }

  #give(params: DataLoaderGetBarsParams, bars: Bar[]): void {
    params.callback(
      bars.map((bar) => ({ ...bar })),
      { forward: this.#more, backward: false },
    );
    this.#cover();
    this.#tell();
  }

  #cover(): void {
    const bars = this.#chart.getDataList();
    const oldest = bars[0]?.timestamp;
    if (oldest === undefined || !this.#loaded) return;
    for (const study of this.#studies) void study.cover(oldest, Math.max(bars.length, FIRST));
  }

  async #loadFiner(timeframe: Timeframe): Promise<void> {
    const [generation, instrument] = [this.#generation, this.#instrument];
    if (!instrument || TIMEFRAMES[timeframe].length > TIMEFRAMES[this.#timeframe].length) return;
    this.#finerFor = timeframe;
    try {
      const page = await fetchBars(instrument.symbol, timeframe, { limit: 2000 });
      if (generation === this.#generation) this.#series?.setFiner(page.bars);
    } catch (error) {
      this.#finerFor = null;
      this.#events.onError(error);
    }
  }

  #hover(crosshair: Crosshair | undefined): void {
    const data = crosshair?.kLineData;
    this.#events.onHover(data ? { ...data, volume: data.volume ?? 0 } : null);
  }

  #tell(): void {
    const bars = this.#chart.getDataList();
    const newest = bars.at(-1);
    this.#events.onBars(newest ? { ...newest, volume: newest.volume ?? 0 } : null, bars.length);
  }
}
