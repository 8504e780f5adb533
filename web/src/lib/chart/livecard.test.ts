import { expect, test } from 'vitest';
import type { ChartCard, FedBar } from '$lib/api/types';
import type { CardData } from './card';
import { LiveCard, reachesNow } from './livecard';

const MINUTE = 60_000;

function bar(timestamp: number, close: number) {
  return { timestamp, open: close, high: close, low: close, close, volume: 1 };
}

function fed(minute: number, close: number, last: number | null, more: Partial<FedBar> = {}): FedBar {
  const own = { open: close, high: close, low: close, close, volume: 1 };
  const told = { symbol: 'AAPL', timeframe: '1m' as const, time: minute * MINUTE, ...own, closed: false };
  const last_closed = last === null ? null : { time: last * MINUTE, ...own };
  return { ...told, replayed: false, last_closed, ...more };
}

const PLAIN = { start: null, end: null, indicators: [], compare: false, share_id: null };
const CARD: ChartCard = { ...PLAIN, symbols: ['AAPL'], timeframe: '1m' };
const bars = [bar(MINUTE, 10), bar(2 * MINUTE, 11)];
const LOADED: CardData = {
  time: bars.map(({ timestamp }) => timestamp),
  bars,
  lines: [],
  overlays: [{ label: 'SMA', values: [9, 10] }],
  panes: [{ title: 'RSI', lines: [{ label: 'rsi', values: [50, 60] }], levels: [] }],
  series: [{ symbol: 'AAPL', bars }],
};

test('the bar of now moves behind the recorded ones', () => {
  const card = new LiveCard(CARD, LOADED);
  expect(card.moves).toBe(false);
  expect(card.take(fed(3, 12, 2))).toBe(true);
  expect(card.take(fed(3, 13, 2))).toBe(true);
  expect(card.moves).toBe(true);
  const { time, bars: shown, overlays, panes } = card.data();
  expect(time).toEqual([1, 2, 3].map((minute) => minute * MINUTE));
  expect(shown.map(({ close }) => close)).toEqual([10, 13, 13]); // the second as it closed
  expect(overlays[0]?.values).toEqual([9, 10, null]);
  expect(panes[0]?.lines[0]?.values).toEqual([50, 60, null]);
});

test('a bar that closes makes room for the next', () => {
  const card = new LiveCard(CARD, LOADED);
  card.take(fed(3, 12, 2));
  expect(card.take(fed(4, 14, 3))).toBe(true);
  expect(card.data().time).toHaveLength(4);
  expect(card.take(fed(4, 15, 3, { closed: true }))).toBe(true);
  expect(card.moves).toBe(false);
  expect(card.data().bars.at(-1)?.close).toBe(15);
});

test('what is older than the window and of other symbols changes nothing', () => {
  const card = new LiveCard(CARD, LOADED);
  expect(card.take(fed(1, 99, null))).toBe(true);
  expect(card.take(fed(3, 99, 2, { symbol: 'MSFT' }))).toBe(true);
  expect(card.data().bars).toEqual(bars);
});

test('where bars are missing between, nothing is drawn as if there were none', () => {
  const card = new LiveCard(CARD, LOADED);
  expect(card.take(fed(9, 12, 8))).toBe(false);
  expect(card.data().bars).toEqual(bars);
});

test('a comparison goes on too', () => {
  const both = { ...CARD, symbols: ['AAPL', 'MSFT'], compare: true };
  const series = [
    { symbol: 'AAPL', bars },
    { symbol: 'MSFT', bars: [bar(MINUTE, 100), bar(2 * MINUTE, 100)] },
  ];
  const lines = series.map(({ symbol }) => ({ label: symbol, values: [0, 0] }));
  const card = new LiveCard(both, { ...LOADED, bars: [], overlays: [], panes: [], lines, series });
  card.take(fed(3, 20, 2));
  card.take(fed(3, 50, 2, { symbol: 'MSFT' }));
  expect(card.data().lines.map(({ values }) => values.at(-1))).toEqual([100, -50]);
});

test('a card goes on when it showed the newest bars of its time', () => {
  const made = '2026-01-05T12:00:00Z';
  expect(reachesNow(CARD, undefined)).toBe(true);
  expect(reachesNow({ ...CARD, end: '2026-01-03T00:00:00Z' }, made)).toBe(true); // Friday's close on a Monday
  expect(reachesNow({ ...CARD, end: '2025-06-01T00:00:00Z' }, made)).toBe(false);
  expect(reachesNow({ ...CARD, end: '2026-01-06T00:00:00Z' }, undefined)).toBe(false);
});
