/** What a small chart inside an answer shows, fetched and worked out. */
import { api, call } from '$lib/api/client';
import type { ChartCard, Timeframe } from '$lib/api/types';
import { fetchBars, type Bar } from './bars';
import { isTimeframe } from './timeframes';

export interface Line {
  label: string;
  values: (number | null)[];
}

export interface Pane {
  title: string;
  lines: Line[];
  /** The domain, where it is fixed. */
  fixed?: [number, number];
  levels: number[];
}

export interface CardData {
  time: number[];
  /** One symbol: its bars. */
  bars: Bar[];
  /** Several: percent change of each since the first time that all have. */
  lines: Line[];
  overlays: Line[];
  panes: Pane[];
  /** The bars of each symbol, as they are recorded. */
  series: Series[];
}

const LEVELS: Record<string, number[]> = { rsi: [30, 70], mfi: [20, 80], stoch: [20, 80] };
// The whole window, as the server gives it at most: a part of it would show another change than the answer says.
const MOST = 5000;
/** Of a card without a window: what still shows as candles. */
const NEWEST = 120;

export interface Series {
  symbol: string;
  bars: Bar[];
}

/** Percent changes from the first time that all symbols have; a symbol without a bar at a time has a gap there. */
export function compareLines(all: readonly Series[]): { time: number[]; lines: Line[] } {
  const closes = all.map(({ bars }) => new Map(bars.map((bar) => [bar.timestamp, bar.close])));
  const every = [...new Set(all.flatMap(({ bars }) => bars.map((bar) => bar.timestamp)))].sort((a, b) => a - b);
  const start = every.find((time) => closes.every((series) => series.has(time)));
  const time = start === undefined ? [] : every.filter((each) => each >= start);
  const lines = all.map(({ symbol }, index) => {
    const series = closes[index];
    const base = start === undefined ? undefined : series?.get(start);
    const values = time.map((each) => {
      const close = series?.get(each);
      return close === undefined || !base ? null : (close / base - 1) * 100;
    });
    return { label: symbol, values };
  });
  return { time, lines };
}

function settings(entry: Record<string, unknown>): { name: string; parameters: Record<string, number> } {
  const raw = typeof entry.parameters === 'object' && entry.parameters !== null ? entry.parameters : {};
  const numbers = Object.entries(raw).filter((pair): pair is [string, number] => typeof pair[1] === 'number');
  return { name: String(entry.name ?? ''), parameters: Object.fromEntries(numbers) };
}

async function fetchIndicator(card: ChartCard, timeframe: Timeframe, entry: Record<string, unknown>, time: number[]) {
  const { name, parameters } = settings(entry);
  const query = {
    ...{ timeframe, limit: MOST, ...parameters },
    ...(card.start ? { start: card.start } : {}),
    ...(card.end ? { end: card.end } : {}),
  };
  const path = { symbol: card.symbols[0] ?? '', name };
  const [series, catalogue] = await Promise.all([
    call(api.GET('/api/v1/instruments/{symbol}/indicators/{name}', { params: { path, query } })),
    call(api.GET('/api/v1/indicators')),
  ]);
  const info = catalogue.find((each) => each.name === name);
  const lines = Object.entries(series.values).map<Line>(([label, list]) => {
    const values = new Map(series.time.map((each, index) => [each, list[index] ?? null]));
    return { label, values: time.map((each) => values.get(each) ?? null) };
  });
  const numbers = Object.values(parameters);
  const title = `${name.toUpperCase()}${numbers.length ? ` (${numbers.join(', ')})` : ''}`;
  return { name, title, overlay: info?.overlay ?? false, lines };
}

async function loadSingle(card: ChartCard, timeframe: Timeframe, series: Series[]): Promise<CardData> {
  const bars = series[0]?.bars ?? [];
  const time = bars.map((bar) => bar.timestamp);
  const entries = (card.indicators ?? []) as Record<string, unknown>[];
  const found = await Promise.all(entries.map((entry) => fetchIndicator(card, timeframe, entry, time)));
  const overlays = found
    .filter((each) => each.overlay)
    .flatMap((each) => each.lines.map((line) => ({ ...line, label: each.lines.length > 1 ? line.label : each.title })));
  const panes = found
    .filter((each) => !each.overlay)
    .map<Pane>((each) => ({
      ...{ title: each.title, lines: each.lines, levels: LEVELS[each.name] ?? [] },
      ...(each.name in LEVELS ? { fixed: [0, 100] as [number, number] } : {}),
    }));
  return { time, bars, lines: [], overlays, panes, series };
}

async function load(card: ChartCard): Promise<CardData> {
  const timeframe = isTimeframe(card.timeframe) ? card.timeframe : '1d';
  const limit = card.start || card.end ? MOST : NEWEST;
  const window = { start: card.start, end: card.end, limit };
  const all = await Promise.all(
    card.symbols.map(async (symbol) => ({ symbol, bars: (await fetchBars(symbol, timeframe, window)).bars })),
  );
  if (card.compare || all.length > 1) {
    return { ...compareLines(all), bars: [], overlays: [], panes: [], series: all };
  }
  return loadSingle(card, timeframe, all);
}

/** Have a card loaded anew the next time: there are newer bars. */
export function forgetCard(card: ChartCard): void {
  kept.delete(JSON.stringify(card));
}

const kept = new Map<string, Promise<CardData>>();
const MOST_KEPT = 60;

/** Load a card's data; the same card is loaded once while the page is open. */
export function loadCard(card: ChartCard): Promise<CardData> {
  const key = JSON.stringify(card);
  const known = kept.get(key);
  if (known) return known;
  const loading = load(card);
  kept.set(key, loading);
  loading.catch(() => kept.delete(key));
  for (const old of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT))) kept.delete(old);
  return loading;
}
