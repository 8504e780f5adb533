/** A study on a chart. Its values come from the server, so that they equal those in the answers. */
import type { Chart, IndicatorCreate, KLineData } from 'klinecharts';
import { api, call } from '$lib/api/client';
import { describe } from '$lib/api/problem';
import type { Adjustment, FedStudy, IndicatorInfo, IndicatorSeries, Timeframe } from '$lib/api/types';
import { formatChange, formatCompact } from '$lib/format/number';
import type { PaneState } from './arrangement';
import { knownValues, studyTopic, type Follow } from './feeding';
import { isBig, register, templateName, type Values } from './figures';
import { sourceOf } from './presentation';
import { studyLabel, type Study } from './studies';

const PANE_HEIGHT = 110;
const FOLDED_HEIGHT = 26;
/** For so long a value of a bar that closed may be on its way, ms. */
const PATIENCE = 1500;
const NONE: Values = {};

/** What the legend says of a study. */
export interface StudyLegend {
  id: string;
  label: string;
  overlay: boolean;
  hidden: boolean;
  folded: boolean;
  error: string;
  values: { name: string; text: string; colour: string }[];
}

interface Window {
  start?: string;
  end?: string;
  limit: number;
}

function fetchStudy(place: Place, study: Study, window: Window): Promise<IndicatorSeries> {
  const other = study.other ? { other: study.other } : {};
  const { timeframe, adjustment } = place;
  const query = { timeframe, adjustment, ...window, ...other, ...study.parameters };
  const path = { symbol: place.symbol, name: study.name };
  return call(api.GET('/api/v1/instruments/{symbol}/indicators/{name}', { params: { path, query } }));
}

export interface Place {
  chart: Chart;
  symbol: string;
  timeframe: Timeframe;
  adjustment: Adjustment;
  colours: readonly string[];
  changed: () => void;
}

export class StudyOnChart {
  readonly study: Study;
  readonly info: IndicatorInfo;
  folded = false;
  #place: Place;
  #values = new Map<number, Values>();
  #oldest: number | null = null;
  #generation = 0;
  #error = '';
  #unfollow: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Values from this time on are not known yet: their bars are still to come, or moving. */
  hiddenFrom = Number.POSITIVE_INFINITY;

  constructor(place: Place, info: IndicatorInfo, study: Study) {
    this.#place = place;
    this.study = study;
    this.info = info;
    register(info);
    const lines = place.colours.map((color) => ({ color, size: 1.5 }));
    const create: IndicatorCreate<Values> = {
      ...{ name: templateName(study.name), id: study.id, paneId: this.paneId, calcParams: [], calc: this.#calc() },
      visible: !study.hidden,
      styles: { lines, circles: [{ upColor: lines[0]?.color ?? '', downColor: lines[0]?.color ?? '' }] },
    };
    place.chart.createIndicator(create as IndicatorCreate, info.overlay);
    if (!info.overlay) place.chart.setPaneOptions({ id: this.paneId, height: PANE_HEIGHT, minHeight: FOLDED_HEIGHT });
  }

  get paneId(): string {
    return this.info.overlay ? 'candle_pane' : `pane.${this.study.id}`;
  }

  remove(): void {
    this.#generation += 1;
    this.#unfollow();
    clearTimeout(this.#timer);
    this.#place.chart.removeIndicator({ id: this.study.id });
  }

  /** Make its pane as high as it was made, or as low as its legend; null: as panes are. */
  size(pane: PaneState | null): void {
    if (this.info.overlay) return;
    const { chart } = this.#place;
    const [folded, before] = [pane?.folded ?? false, this.folded];
    this.folded = folded;
    const own = pane ? Math.round(pane.height * (chart.getSize()?.height ?? 0)) : PANE_HEIGHT;
    const height = folded ? FOLDED_HEIGHT : Math.max(own || PANE_HEIGHT, FOLDED_HEIGHT);
    if (folded !== before) {
      const visible = !folded && !this.study.hidden;
      chart.overrideIndicator({ name: templateName(this.study.name), id: this.study.id, visible });
    }
    if (Math.abs((chart.getSize(this.paneId)?.height ?? 0) - height) < 1 && folded === before) return;
    chart.setPaneOptions({ id: this.paneId, height, dragEnabled: !folded });
  }

  /** Take the values that a live feed gives of it. */
  feed(follow: Follow): void {
    const topic = studyTopic(this.#place.symbol, this.#place.timeframe, this.study);
    this.#unfollow = follow(topic, (state) => {
      const fed = state as FedStudy;
      this.#values.set(fed.time, knownValues(fed));
      this.redraw();
      this.#place.changed();
    });
  }

  /** A bar closed: unless its value is told soon, read what there is since `since`. */
  closed(since: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#values.has(since)) void this.#renew(since);
    }, PATIENCE);
  }

  async #renew(since: number): Promise<void> {
    const generation = this.#generation;
    try {
      const series = await fetchStudy(this.#place, this.study, { start: new Date(since).toISOString(), limit: 5000 });
      if (generation !== this.#generation) return;
      this.#take(series);
      this.redraw();
      this.#place.changed();
    } catch {
      // The line ends earlier until the next bar closes.
    }
  }

  /** Fetch the values of the bars that are loaded; only those before the oldest known when some are. */
  async cover(oldest: number, count: number): Promise<void> {
    if (this.#oldest !== null && oldest >= this.#oldest) return;
    const generation = ++this.#generation;
    const window: Window = {
      start: new Date(oldest).toISOString(),
      limit: Math.min(5000, Math.max(1, count)),
      ...(this.#oldest === null ? {} : { end: new Date(this.#oldest).toISOString() }),
    };
    try {
      const series = await fetchStudy(this.#place, this.study, window);
      if (generation !== this.#generation) return;
      this.#take(series);
      this.#oldest = Math.min(series.time[0] ?? oldest, oldest);
      this.#error = '';
      this.redraw();
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#error = describe(error);
    }
    this.#place.changed();
  }

  redraw(): void {
    const override = { name: templateName(this.study.name), id: this.study.id, calc: this.#calc() };
    this.#place.chart.overrideIndicator(override as IndicatorCreate);
  }

  /** The values at a bar; at one that still moves, the newest that are known. */
  legend(time: number | null): StudyLegend {
    const values = (time === null ? undefined : this.#known(time)) ?? this.#newest();
    const many = this.info.drawn.length > 1;
    const { colours } = this.#place;
    return {
      ...{ id: this.study.id, label: studyLabel(this.study), overlay: this.info.overlay },
      ...{ hidden: this.study.hidden ?? false, folded: this.folded, error: this.#error },
      values: this.info.drawn.map((name, index) => ({
        name: many ? name : '',
        text: this.#text(values[name]),
        colour: colours[index % colours.length] ?? '',
      })),
    };
  }

  #text(value: number | undefined): string {
    if (value === undefined) return '–';
    return isBig(this.info.name) || Math.abs(value) >= 1e6
      ? formatCompact(value)
      : formatChange(value).replace('+', '');
  }

  #take(series: IndicatorSeries): void {
    const outputs = Object.entries(series.values);
    series.time.forEach((time, index) => {
      const values: Values = {};
      // The library draws a gap only where a value is missing altogether.
      for (const [name, list] of outputs) {
        const value = list[index];
        if (value !== null && value !== undefined) values[name] = value;
      }
      this.#values.set(time, values);
    });
  }

  /** A new function each time: this is what makes the library compute again. */
  #calc(): (bars: KLineData[]) => Values[] {
    return (bars) => bars.map((bar) => this.#known(sourceOf(bar)) ?? NONE);
  }

  #known(time: number): Values | undefined {
    return time < this.hiddenFrom ? this.#values.get(time) : undefined;
  }

  #newest(): Values {
    const bars = this.#place.chart.getDataList();
    for (let at = bars.length - 1; at >= 0 && at > bars.length - 400; at -= 1) {
      const bar = bars[at];
      const values = bar && this.#known(sourceOf(bar));
      if (values && Object.keys(values).length > 0) return values;
    }
    return NONE;
  }
}
