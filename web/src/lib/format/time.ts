/** Times in the person's own words: their locale and time zone. */

export interface Manner {
  locale?: string;
  time_zone?: string;
}

function options(
  manner: Manner | null,
  shape: Intl.DateTimeFormatOptions,
): [string | undefined, Intl.DateTimeFormatOptions] {
  return [manner?.locale || undefined, { ...shape, ...(manner?.time_zone ? { timeZone: manner.time_zone } : {}) }];
}

/** A moment, to the minute. Falls back to the browser's manner for a locale or zone that it does not know. */
export function moment(iso: string, manner: Manner | null = null): string {
  const shape: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' };
  try {
    return new Intl.DateTimeFormat(...options(manner, shape)).format(new Date(iso));
  } catch {
    return new Intl.DateTimeFormat(undefined, shape).format(new Date(iso));
  }
}

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [7, 'day'],
];

/** How long ago, up to a week; before that the day. */
export function ago(iso: string, manner: Manner | null = null, now = Date.now()): string {
  let amount = (new Date(iso).getTime() - now) / 1000;
  if (Math.abs(amount) < 60) return 'just now';
  for (const [size, unit] of STEPS) {
    if (Math.abs(amount) < size) {
      return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.trunc(amount), unit);
    }
    amount /= size;
  }
  return day(iso, manner);
}

export function day(iso: string, manner: Manner | null = null): string {
  const shape: Intl.DateTimeFormatOptions = { dateStyle: 'medium' };
  try {
    return new Intl.DateTimeFormat(...options(manner, shape)).format(new Date(iso));
  } catch {
    return new Intl.DateTimeFormat(undefined, shape).format(new Date(iso));
  }
}

/** Manners of writing dates and numbers. */
export const LOCALES = [
  { tag: 'en', name: 'English (United States)' },
  { tag: 'en-GB', name: 'English (United Kingdom)' },
  { tag: 'en-IN', name: 'English (India)' },
  { tag: 'de', name: 'Deutsch' },
  { tag: 'de-CH', name: 'Deutsch (Schweiz)' },
  { tag: 'es', name: 'Español' },
  { tag: 'fr', name: 'Français' },
  { tag: 'it', name: 'Italiano' },
  { tag: 'nl', name: 'Nederlands' },
  { tag: 'pl', name: 'Polski' },
  { tag: 'pt-BR', name: 'Português (Brasil)' },
  { tag: 'sv', name: 'Svenska' },
  { tag: 'tr', name: 'Türkçe' },
  { tag: 'ja', name: '日本語' },
  { tag: 'ko', name: '한국어' },
  { tag: 'zh-CN', name: '中文（简体）' },
];

/** The time zones that the browser knows, and those that must be among them. */
export function zones(...also: string[]): string[] {
  const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return [...new Set(['UTC', ...known, ...also.filter(Boolean)])].sort();
}
