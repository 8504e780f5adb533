/** What one person has on their chart page; remembered in their browser. */
import type { ChartLayout, Timeframe } from '$lib/api/types';
import { recall, remember } from '$lib/storage';
import { fromLayout, toLayout, type PaneState, type Panes } from './arrangement';
import { DEFAULT_SETTINGS, MOST_COMPARED, readSettings, type ChartSettings } from './settings';
import { DEFAULT_STUDIES, readStudies, type Study } from './studies';

export class ChartView {
  readonly owner: string;
  settings = $state.raw<ChartSettings>(DEFAULT_SETTINGS);
  studies = $state.raw<Study[]>(DEFAULT_STUDIES);
  panes = $state.raw<Panes>({});
  favourites = $state.raw<string[]>([]);
  /** Whether the formula bar is there. */
  formula = $state(false);
  /** The formula whose hits are shown, and the one to show at first. */
  formulaText = $state('');
  formulaBegin = $state('');
  /** Whether the watchlist is beside the chart. */
  watching = $state(false);
  timeframe = $state<Timeframe>('1d');
  /** Not remembered: another symbol is compared with other ones. */
  compared = $state.raw<string[]>([]);

  constructor(owner: string) {
    this.owner = owner;
    this.settings = readSettings(recall<unknown>(owner, 'chart.settings', null));
    this.studies = readStudies(recall<unknown>(owner, 'chart.studies', DEFAULT_STUDIES));
    this.panes = readPanes(recall<unknown>(owner, 'chart.panes', {}));
    this.formula = recall<unknown>(owner, 'chart.formula', false) === true;
    this.watching = recall<unknown>(owner, 'chart.watching', false) === true;
    const favourites = recall<unknown>(owner, 'chart.favourites', []);
    this.favourites = Array.isArray(favourites) ? favourites.filter((each) => typeof each === 'string') : [];
  }

  get wishedTimeframe(): Timeframe {
    return recall<Timeframe>(this.owner, 'chart.timeframe', '1d');
  }

  set(change: Partial<ChartSettings>): void {
    this.settings = { ...this.settings, ...change };
    remember(this.owner, 'chart.settings', this.settings);
  }

  setStudies(studies: Study[]): void {
    this.studies = studies;
    remember(this.owner, 'chart.studies', studies);
  }

  setPanes(panes: Panes): void {
    this.panes = panes;
    remember(this.owner, 'chart.panes', panes);
  }

  /** Give a pane another height, fold it or unfold it. */
  setPane(id: string, pane: PaneState): void {
    this.setPanes({ ...this.panes, [id]: pane });
  }

  setTimeframe(timeframe: Timeframe): void {
    this.timeframe = timeframe;
    remember(this.owner, 'chart.timeframe', timeframe);
  }

  toggleFormula(): void {
    this.formula = !this.formula;
    remember(this.owner, 'chart.formula', this.formula);
  }

  toggleWatching(): void {
    this.watching = !this.watching;
    remember(this.owner, 'chart.watching', this.watching);
  }

  /** The chart as it would be kept; a template is without its instrument. */
  arranged(symbol: string | null): ChartLayout {
    const { settings, studies, panes, compared, formulaText } = this;
    const chart = symbol === null ? null : { symbol, timeframe: this.timeframe };
    return toLayout({ settings, studies, panes, compared, formula: formulaText }, chart);
  }

  /** Arrange the chart as a layout says; its instrument and timeframe are the page's business. */
  arrange(layout: ChartLayout): void {
    const { settings, studies, panes, compared, formula } = fromLayout(layout, this.settings);
    this.set(settings);
    this.setPanes(panes);
    this.setStudies(studies);
    this.compared = compared;
    [this.formulaBegin, this.formulaText] = [formula, formula];
    if (formula) this.formula = true;
  }

  toggleFavourite(name: string): void {
    const others = this.favourites.filter((each) => each !== name);
    this.favourites = others.length < this.favourites.length ? others : [...others, name];
    remember(this.owner, 'chart.favourites', this.favourites);
  }

  compare(symbol: string): void {
    if (this.compared.includes(symbol) || this.compared.length >= MOST_COMPARED) return;
    this.compared = [...this.compared, symbol];
  }

  compareNot(symbol: string): void {
    this.compared = this.compared.filter((each) => each !== symbol);
  }
}

function readPanes(stored: unknown): Panes {
  const entries = typeof stored === 'object' && stored !== null ? Object.entries(stored as Panes) : [];
  return Object.fromEntries(
    entries
      .filter(([, pane]) => pane && Number.isFinite(pane.height))
      .map(([id, { height, folded }]) => [
        id,
        { height: Math.min(0.9, Math.max(0.02, height)), folded: folded === true },
      ]),
  );
}
