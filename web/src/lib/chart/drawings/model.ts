/** Drawings on a chart: their kinds, colours, and the points that each needs. */
import type { Drawing } from '$lib/api/types';
import type { IconName } from '$lib/components/Icon.svelte';

export type DrawingKind = Drawing['kind'];
export type Style = Drawing['style'];
export type Colour = Style['colour'];
export type Point = Drawing['points'][number];

export interface Tool {
  kind: DrawingKind;
  label: string;
  icon: IconName;
  /** What each click places. */
  clicks: readonly string[];
}

export const TOOLS: readonly Tool[] = [
  { kind: 'trend_line', label: 'Trend line', icon: 'line', clicks: ['the first end', 'the other end'] },
  { kind: 'ray', label: 'Ray', icon: 'ray', clicks: ['its beginning', 'a point that it goes through'] },
  { kind: 'horizontal', label: 'Horizontal line', icon: 'level', clicks: ['its price'] },
  {
    kind: 'channel',
    label: 'Channel',
    icon: 'channel',
    clicks: ['one end of a line', 'its other end', 'where the parallel goes'],
  },
  { kind: 'fibonacci', label: 'Fibonacci levels', icon: 'fib', clicks: ['where the move began', 'where it ended'] },
  { kind: 'rectangle', label: 'Rectangle', icon: 'rectangle', clicks: ['a corner', 'the opposite corner'] },
  { kind: 'text', label: 'Text', icon: 'text', clicks: ['where it stands'] },
  { kind: 'measure', label: 'Measure', icon: 'measure', clicks: ['from where', 'to where'] },
  { kind: 'position', label: 'Position', icon: 'position', clicks: ['the entry', 'the stop', 'the target'] },
];

export const COLOURS: readonly Colour[] = ['blue', 'teal', 'green', 'amber', 'orange', 'red', 'pink', 'purple', 'grey'];
export const WIDTHS = [1, 2, 3, 4] as const;
export const DASHES: Record<Style['dash'], number[]> = { solid: [], dashed: [8, 5], dotted: [2, 4] };
export const FIRST_STYLE: Style = { colour: 'blue', width: 2, dash: 'solid' };
export const MOST_TEXT = 500;

const LIGHT: Record<Colour, string> = {
  blue: '#3a4fd0',
  teal: '#0b756d',
  green: '#2f7d32',
  amber: '#8f5a00',
  orange: '#b5430f',
  red: '#b3261e',
  pink: '#b02a75',
  purple: '#7a3fc0',
  grey: '#5c6675',
};
const DARK: Record<Colour, string> = {
  blue: '#8f9dff',
  teal: '#3fb9ab',
  green: '#7ccf7f',
  amber: '#eab54d',
  orange: '#f0834d',
  red: '#ff8a80',
  pink: '#f08fc4',
  purple: '#c39bff',
  grey: '#a7b0bd',
};

/** The shade of a colour in the theme that is on. */
export function shade(colour: Colour, dark: boolean): string {
  return (dark ? DARK : LIGHT)[colour];
}

export function toolOf(kind: DrawingKind): Tool {
  const found = TOOLS.find((tool) => tool.kind === kind);
  if (!found) throw new Error(`no tool for ${kind}`);
  return found;
}

/** Which way a position earns: the entry lies between stop and target. */
export function sideOf(points: readonly Point[]): 'long' | 'short' | null {
  const [entry, stop, target] = points.map((point) => point.price);
  if (entry === undefined || stop === undefined || target === undefined) return null;
  if (stop < entry && entry < target) return 'long';
  return stop > entry && entry > target ? 'short' : null;
}

/** What a position wins for what it risks. */
export function rewardToRisk(points: readonly Point[]): number | null {
  const [entry, stop, target] = points.map((point) => point.price);
  if (entry === undefined || stop === undefined || target === undefined || entry === stop) return null;
  return Math.abs(target - entry) / Math.abs(entry - stop);
}
