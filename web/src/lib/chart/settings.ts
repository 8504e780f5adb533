/** How a person likes their chart: what is drawn of each bar, on which scale, in which time zone. */

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

export type Kind = keyof typeof KINDS;
export type ScaleName = keyof typeof SCALES;
export type ZoneName = keyof typeof ZONES;

/** How many other instruments are compared with one. */
export const MOST_COMPARED = 5;

export interface ChartSettings {
  kind: Kind;
  scale: ScaleName;
  zone: ZoneName;
  /** A line where a new session begins; of intraday bars. */
  sessions: boolean;
  /** Prices that were jumped over between two bars are shaded. */
  gaps: boolean;
  /** What the data's quality check found is marked at its bars. */
  quality: boolean;
  volume: boolean;
  /** Points of drawings snap to the open, high, low or close of their bar. */
  magnet: boolean;
}

export const DEFAULT_SETTINGS: ChartSettings = {
  kind: 'hollow',
  scale: 'linear',
  zone: 'exchange',
  sessions: true,
  gaps: false,
  quality: false,
  volume: true,
  magnet: true,
};

function oneOf<T extends string>(names: Record<T, string>, value: unknown, fallback: T): T {
  return typeof value === 'string' && Object.hasOwn(names, value) ? (value as T) : fallback;
}

function flag(value: unknown, fallback: boolean): boolean {
  return typeof value === 'boolean' ? value : fallback;
}

/** Settings of whatever was remembered: what is missing or wrong is as it is by default. */
export function readSettings(stored: unknown): ChartSettings {
  const from = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<string, unknown>;
  const defaults = DEFAULT_SETTINGS;
  return {
    kind: oneOf(KINDS, from.kind, defaults.kind),
    scale: oneOf(SCALES, from.scale, defaults.scale),
    zone: oneOf(ZONES, from.zone, defaults.zone),
    sessions: flag(from.sessions, defaults.sessions),
    gaps: flag(from.gaps, defaults.gaps),
    quality: flag(from.quality, defaults.quality),
    volume: flag(from.volume, defaults.volume),
    magnet: flag(from.magnet, defaults.magnet),
  };
}
