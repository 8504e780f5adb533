/** Timeframes: their order, their names, which can be built of what is recorded, and which bar holds a moment. */
import type { Period } from 'klinecharts';
import type { Instrument, Timeframe } from '$lib/api/types';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

interface Info {
  name: string;
  length: number;
  period: Period;
}

export const TIMEFRAMES: Record<Timeframe, Info> = {
  '1m': { name: '1 minute', length: MINUTE, period: { type: 'minute', span: 1 } },
  '5m': { name: '5 minutes', length: 5 * MINUTE, period: { type: 'minute', span: 5 } },
  '15m': { name: '15 minutes', length: 15 * MINUTE, period: { type: 'minute', span: 15 } },
  '1h': { name: '1 hour', length: 60 * MINUTE, period: { type: 'hour', span: 1 } },
  '4h': { name: '4 hours', length: 240 * MINUTE, period: { type: 'hour', span: 4 } },
  '1d': { name: '1 day', length: DAY, period: { type: 'day', span: 1 } },
  '1w': { name: '1 week', length: 7 * DAY, period: { type: 'week', span: 1 } },
  '1M': { name: '1 month', length: 30 * DAY, period: { type: 'month', span: 1 } },
};

export const TIMEFRAME_ORDER = Object.keys(TIMEFRAMES) as Timeframe[];

export function isTimeframe(value: unknown): value is Timeframe {
  return typeof value === 'string' && Object.hasOwn(TIMEFRAMES, value);
}

export function isIntraday(timeframe: Timeframe): boolean {
  return TIMEFRAMES[timeframe].length < DAY;
}

/** The shortest timeframe that is recorded of an instrument. */
export function finest(instrument: Instrument): Timeframe | null {
  const recorded = instrument.series.map((series) => series.timeframe as Timeframe);
  return TIMEFRAME_ORDER.find((timeframe) => recorded.includes(timeframe)) ?? null;
}

/** Why a timeframe cannot be shown, or an empty string when it can. */
export function whyNot(instrument: Instrument, timeframe: Timeframe): string {
  const base = finest(instrument);
  if (!base) return 'Nothing is recorded of this instrument.';
  if (TIMEFRAMES[timeframe].length >= TIMEFRAMES[base].length) return '';
  return `Only bars of ${TIMEFRAMES[base].name} and longer are recorded.`;
}

/** The timeframe to begin with: the wished one, else days, else what there is. */
export function choose(instrument: Instrument, wished: Timeframe): Timeframe {
  if (!whyNot(instrument, wished)) return wished;
  return whyNot(instrument, '1d') ? (finest(instrument) ?? '1d') : '1d';
}

function sessionDate(time: number, zone: string): Date {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(time);
  return new Date(`${parts}T00:00:00Z`);
}

/** When the bar that holds this moment opens. Days are sessions in `zone`, stamped with midnight UTC of their date. */
export function openOf(time: number, timeframe: Timeframe, from: Timeframe, zone: string): number {
  if (isIntraday(timeframe)) return Math.floor(time / TIMEFRAMES[timeframe].length) * TIMEFRAMES[timeframe].length;
  const date = isIntraday(from) ? sessionDate(time, zone) : new Date(time);
  date.setUTCHours(0, 0, 0, 0);
  if (timeframe === '1w') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (timeframe === '1M') date.setUTCDate(1);
  return date.getTime();
}
