/** What goes with the bars of a chart: studies of them, and other instruments beside them. */
import type { Chart } from 'klinecharts';
import type { IndicatorInfo } from '$lib/api/types';
import { lineColours, readColours } from './colours';
import { Comparison } from './comparison';
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
    [this.#history, this.#studies, this.#comparisons] = [history, [], []];
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

  fold(id: string, folded: boolean): void {
    this.#studies.find((each) => each.study.id === id)?.fold(folded);
    this.#changed();
  }

  /** Draw exactly these instruments beside the bars. */
  setCompared(symbols: readonly string[]): void {
    const timeframe = this.#history?.timeframe;
    if (!timeframe) return;
    for (const each of this.#comparisons) if (!symbols.includes(each.symbol)) each.remove();
    const colours = lineColours(readColours()).slice(1);
    const kept = this.#comparisons.filter((each) => symbols.includes(each.symbol));
    this.#comparisons = symbols.map((symbol, index) => {
      const present = kept.find((each) => each.symbol === symbol);
      const colour = colours[index % colours.length] ?? '';
      return present ?? new Comparison(this.#chart, symbol, timeframe, colour, this.#changed);
    });
    this.#changed();
  }

  /** Values from this time on are not known yet: their bars are still to come, or moving. */
  hideFrom(time: number): void {
    for (const study of this.#studies) study.hiddenFrom = time;
  }

  /** Read what is missing for so many bars from the oldest on. */
  cover(oldest: number, count: number): void {
    for (const each of [...this.#studies, ...this.#comparisons]) void each.cover(oldest, count);
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
    const place = { chart: this.#chart, symbol: instrument.symbol, timeframe, colours: own, changed: this.#changed };
    const added = new StudyOnChart(place, info, study);
    if (series.moving) added.hiddenFrom = series.moving.timestamp;
    return added;
  }
}
