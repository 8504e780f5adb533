/** How a person likes their chart: what is drawn of each bar, on which scale, in which time zone. */
import type { Adjustment } from '$lib/api/types';

export const KINDS = {
  candles: 'Candles',
  hollow: 'Hollow candles',
  bars: 'Bars',
  line: 'Line',
  area: 'Area',
  heikin_ashi: 'Heikin-Ashi',
  renko: 'Renko',
} as const;

export const SCALES = { linear: 'Linear', log: 'Logarithmic', percent: 'Percent' } as const;

export const ZONES = { exchange: 'Exchange', utc: 'UTC', mine: 'Mine' } as const;

export const ADJUSTMENTS: Record<Adjustment, string> = {
  none: 'As traded',
  splits: 'Splits',
  all: 'Splits, dividends',
};

export type Kind = keyof typeof KINDS;
export type ScaleName = keyof typeof SCALES;
export type ZoneName = keyof typeof ZONES;

/** How many other instruments are compared with one. */
export const MOST_COMPARED = 5;

export interface ChartSettings {
  kind: Kind;
  scale: ScaleName;
  zone: ZoneName;
  /** What is taken out of the prices. */
  adjustment: Adjustment;
  /** The height of a Renko brick; null: one that fits the bars. */
  renkoBox: number | null;
  /** A line where a new session begins; of intraday bars. */
  sessions: boolean;
  /** Prices that were jumped over between two bars are shaded. */
  gaps: boolean;
  /** What the data's quality check found is marked at its bars. */
  quality: boolean;
  volume: boolean;
  /** How much was traded at which price is drawn at the right edge. */
  profile: boolean;
  /** Points of drawings snap to the open, high, low or close of their bar. */
  magnet: boolean;
}

export const DEFAULT_SETTINGS: ChartSettings = {
  kind: 'hollow',
  scale: 'linear',
  zone: 'exchange',
  adjustment: 'splits',
  renkoBox: null,
  sessions: true,
  gaps: false,
  quality: false,
  volume: true,
  profile: false,
  magnet: true,
};

function oneOf<T extends string>(names: Record<T, string>, value: unknown, fallback: T): T {
  return typeof value === 'string' && Object.hasOwn(names, value) ? (value as T) : fallback;
}

function flag(value: unknown, fallback: boolean): boolean {
  return typeof value === 'boolean' ? value : fallback;
}

/** The height of a brick that was typed or remembered; null for what is none. */
export function readBox(value: unknown): number | null {
  const box = typeof value === 'string' ? Number(value.trim().replace(',', '.')) : value;
  return typeof box === 'number' && Number.isFinite(box) && box > 0 ? box : null;
}

/** Settings of whatever was remembered: what is missing or wrong is as it is by default. */
export function readSettings(stored: unknown): ChartSettings {
  const from = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<string, unknown>;
  const defaults = DEFAULT_SETTINGS;
  return {
    kind: oneOf(KINDS, from.kind, defaults.kind),
    scale: oneOf(SCALES, from.scale, defaults.scale),
    zone: oneOf(ZONES, from.zone, defaults.zone),
    adjustment: oneOf(ADJUSTMENTS, from.adjustment, defaults.adjustment),
    renkoBox: readBox(from.renkoBox),
    sessions: flag(from.sessions, defaults.sessions),
    gaps: flag(from.gaps, defaults.gaps),
    quality: flag(from.quality, defaults.quality),
    volume: flag(from.volume, defaults.volume),
    profile: flag(from.profile, defaults.profile),
    magnet: flag(from.magnet, defaults.magnet),
  };
}
