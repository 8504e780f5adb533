/** Time zones of a chart. Bars of a day or longer are dates: they are never moved into another zone. */
import type { Timeframe } from '$lib/api/types';
import { formatBarTime } from '$lib/format/number';
import type { ZoneName } from './settings';
import { isIntraday } from './timeframes';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The IANA name of the zone that a chart of this instrument is read in. */
export function zoneFor(choice: ZoneName, timeframe: Timeframe, exchange: string): string {
  if (!isIntraday(timeframe) || choice === 'utc') return 'UTC';
  const wanted = choice === 'mine' ? Intl.DateTimeFormat().resolvedOptions().timeZone : exchange;
  return isZone(wanted) ? wanted : 'UTC';
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return name !== '';
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  } as Intl.DateTimeFormatOptions);
  formats.set(zone, made);
  return made;
}

const offsets = new Map<string, number>();

/** What a clock in the zone is ahead of UTC at this moment, in milliseconds. */
export function offsetOf(time: number, zone: string): number {
  if (zone === 'UTC') return 0;
  // No zone changes its clock but at a quarter of an hour.
  const quarter = Math.floor(time / (HOUR / 4)) * (HOUR / 4);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const parts = Object.fromEntries(
    formatFor(zone)
      .formatToParts(quarter)
      .map((part) => [part.type, Number(part.value)]),
  );
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter;
  offsets.set(key, offset);
  return offset;
}

/** The same wall clock, read as if it were UTC: for formats and for the day of a session. */
export function wallClock(time: number, zone: string): number {
  return time + offsetOf(time, zone);
}

/** The places of bars that are the first of a day in the zone. */
export function sessionStarts(times: readonly number[], zone: string): number[] {
  const starts: number[] = [];
  let before: number | null = null;
  times.forEach((time, index) => {
    const day = Math.floor(wallClock(time, zone) / DAY);
    if (before !== null && day !== before) starts.push(index);
    before = day;
  });
  return starts;
}

/** How the zone is called beside a time, for instance EST. */
export function zoneLabel(time: number, zone: string): string {
  if (zone === 'UTC') return 'UTC';
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' });
  return format.formatToParts(time).find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** A bar's time as people of the zone read it, with the zone's name where it is a time of day. */
export function formatInZone(time: number, timeframe: Timeframe, zone: string): string {
  const text = formatBarTime(wallClock(time, zone), timeframe);
  return isIntraday(timeframe) ? `${text} ${zoneLabel(time, zone)}` : text;
}
