/** Which bars are in view: moving, zooming, going to a moment, and staying where one was while bars are drawn anew. */
import type { Chart } from 'klinecharts';
import { sourceOf } from './presentation';
import { placeOf } from './replay';

const ZOOM = 1.25;
const MOTION = 120;

/** Where the view stood: the bar at its right edge, null at the newest. */
export type Place = number | null;

export function pan(chart: Chart, bars: number): void {
  chart.scrollByDistance(-bars * chart.getBarSpace().bar);
}

export function panPage(chart: Chart, pages: number): void {
  const range = chart.getVisibleRange();
  pan(chart, pages * Math.max(1, range.to - range.from));
}

export function zoom(chart: Chart, steps: number): void {
  const width = chart.getSize('candle_pane', 'main')?.width ?? 0;
  chart.zoomAtCoordinate(ZOOM ** steps, { x: width, y: 0 }, MOTION);
}

export function toNewest(chart: Chart): void {
  chart.scrollToRealTime(MOTION);
}

/** Put the bar of a moment into the middle; false when the moment is before all bars. */
export function centre(chart: Chart, time: number): boolean {
  const times = chart.getDataList().map((bar) => bar.timestamp);
  const place = placeOf(times, time);
  if (place < 0 && times.length === 0) return false;
  const range = chart.getVisibleRange();
  const half = Math.floor((range.to - range.from) / 2);
  chart.scrollToDataIndex(Math.min(times.length - 1, Math.max(0, place) + half));
  return place >= 0;
}

export function placeNow(chart: Chart): Place {
  const bars = chart.getDataList();
  const { to } = chart.getVisibleRange();
  return to >= bars.length ? null : (bars[to - 1]?.timestamp ?? null);
}

export function putBack(chart: Chart, place: Place): void {
  if (place === null) return;
  const bars = chart.getDataList();
  const at = placeOf(
    bars.map((bar) => bar.timestamp),
    place,
  );
  if (at >= 0) chart.scrollToDataIndex(at);
}

/** Bars as the server is asked for them: from a moment on, before another, at most so many. */
export interface Window {
  start: string;
  end: string;
  limit: number;
}

const MOST_SHARED = 1500;

/** The bars in view; null while there are none. */
export function windowOf(chart: Chart): Window | null {
  const range = chart.getVisibleRange();
  const seen = chart.getDataList().slice(range.from, range.to);
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last) return null;
  const iso = (time: number): string => new Date(time).toISOString();
  const limit = Math.min(MOST_SHARED, Math.max(2, seen.length));
  return { start: iso(sourceOf(first)), end: iso(sourceOf(last) + 1), limit };
}
