/** What goes with the bars of a chart: studies of them, and other instruments beside them. */
import type { Chart } from 'klinecharts';
import type { IndicatorInfo } from '$lib/api/types';
import { lineColours, readColours } from './colours';
import { Comparison } from './comparison';
import type { Panes } from './arrangement';
import type { Follow } from './feeding';
import type { History } from './history';
import { StudyOnChart, type StudyLegend } from './studychart';
import type { Study } from './studies';

export interface ComparisonLegend {
  symbol: string;
  colour: string;
  /** Percent since the left edge of the view; null where it has no bar. */
  change: number | null;
  error: string;
}

export class Companions {
  #chart: Chart;
  #changed: () => void;
  #history: History | null = null;
  #studies: StudyOnChart[] = [];
  #comparisons: Comparison[] = [];
  #panes: Panes = {};
  #follow: Follow | null = null;

  constructor(chart: Chart, changed: () => void) {
    this.#chart = chart;
    this.#changed = changed;
  }

  get comparing(): boolean {
    return this.#comparisons.length > 0;
  }

  /** Other bars are to be drawn: nothing of what was there fits them. */
  begin(history: History): void {
    for (const each of [...this.#studies, ...this.#comparisons]) each.remove();
    [this.#history, this.#studies, this.#comparisons, this.#follow] = [history, [], [], null];
  }

  /** Show exactly these studies; those that are there already stay. */
  setStudies(studies: readonly Study[], catalogue: readonly IndicatorInfo[]): void {
    const history = this.#history;
    if (!history) return;
    const wanted = new Map(studies.map((study) => [study.id, JSON.stringify(study)]));
    const kept = this.#studies.filter((each) => wanted.get(each.study.id) === JSON.stringify(each.study));
    for (const each of this.#studies) if (!kept.includes(each)) each.remove();
    this.#studies = studies.flatMap((study, index) => {
      const present = kept.find((each) => each.study.id === study.id);
      const info = catalogue.find((each) => each.name === study.name);
      if (present || !info) return present ? [present] : [];
      return [this.#addStudy(history, info, study, index)];
    });
    this.#changed();
  }

  /** Draw exactly these instruments beside the bars. */
  setCompared(symbols: readonly string[]): void {
    const history = this.#history;
    if (!history) return;
    for (const each of this.#comparisons) if (!symbols.includes(each.symbol)) each.remove();
    const colours = lineColours(readColours()).slice(1);
    const kept = this.#comparisons.filter((each) => symbols.includes(each.symbol));
    this.#comparisons = symbols.map((symbol, index) => {
      const present = kept.find((each) => each.symbol === symbol);
      const colour = colours[index % colours.length] ?? '';
      return present ?? new Comparison(this.#chart, symbol, history, colour, this.#changed);
    });
    this.#changed();
  }

  /** Give panes other heights, fold and unfold them. */
  setPanes(panes: Panes): void {
    this.#panes = panes;
    for (const study of this.#studies) study.size(panes[study.study.id] ?? null);
    this.#changed();
  }

  /** The heights of the panes now, in pixels, by the ids of their studies. */
  heights(): [string, number][] {
    const shown = this.#studies.filter((study) => !study.info.overlay && !study.folded);
    return shown.map((study): [string, number] => [study.study.id, this.#chart.getSize(study.paneId)?.height ?? 0]);
  }

  /** A live feed gives these bars: follow what it gives of the studies. */
  feed(follow: Follow): void {
    if (this.#follow) return;
    this.#follow = follow;
    for (const study of this.#studies) this.#feedOne(study);
  }

  /** A bar closed, or several since `since`: read what nobody tells of the studies. */
  closed(since: number): void {
    for (const study of this.#studies) study.closed(since);
  }

  /** Values from this time on are not known yet: their bars are still to come, or moving. */
  hideFrom(time: number): void {
    for (const study of this.#studies) study.hiddenFrom = time;
  }

  /** Read what is missing for so many bars from the oldest on. */
  cover(oldest: number, count: number): void {
    for (const each of [...this.#studies, ...this.#comparisons]) void each.cover(oldest, count);
  }

  /** The chart is going: follow and read nothing any more. */
  end(): void {
    for (const study of this.#studies) study.remove();
  }

  /** What the studies are at a bar; null: at the newest. */
  studyLegends(time: number | null): (StudyLegend & { top: number })[] {
    return this.#studies.map((study) => ({
      ...study.legend(time),
      top: study.info.overlay ? 0 : (this.#chart.getDom(study.paneId)?.offsetTop ?? 0),
    }));
  }

  comparisonLegends(time: number | null): ComparisonLegend[] {
    return this.#comparisons.map((each) => ({
      ...{ symbol: each.symbol, colour: each.colour, error: each.error },
      change: time === null ? null : each.changeAt(time),
    }));
  }

  #addStudy(history: History, info: IndicatorInfo, study: Study, index: number): StudyOnChart {
    const colours = lineColours(readColours());
    const own = [...colours.slice(index % colours.length), ...colours.slice(0, index % colours.length)];
    const { instrument, timeframe, series } = history;
    const bars = { symbol: instrument.symbol, timeframe, adjustment: history.adjustment };
    const place = { chart: this.#chart, ...bars, colours: own, changed: this.#changed };
    const added = new StudyOnChart(place, info, study);
    added.size(this.#panes[study.id] ?? null);
    this.#feedOne(added);
    if (series.moving) added.hiddenFrom = series.moving.timestamp;
    return added;
  }

  /** What a feed tells is of bars as they are recorded, and of one instrument alone. */
  #feedOne(study: StudyOnChart): void {
    if (this.#follow && this.#history?.raw && !study.study.other) study.feed(this.#follow);
  }
}
