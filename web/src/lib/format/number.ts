/** Numbers and times as people read them. All times are shown in UTC, as the bars are stamped. */

const MINUS = '\u2212';

function fixed(value: number, least: number, most: number): string {
  const text = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: least,
    maximumFractionDigits: most,
  }).format(Math.abs(value));
  const isZero = !/[1-9]/.test(text);
  return value < 0 && !isZero ? MINUS + text : text;
}

/** How many decimals a price of this size is shown with. */
export function priceDecimals(value: number): number {
  const size = Math.abs(value);
  if (size >= 1 || size === 0) return 2;
  return size >= 0.01 ? 4 : 6;
}

export function formatPrice(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const decimals = priceDecimals(value);
  return fixed(value, decimals, decimals);
}

/** A change with its sign always shown: +1.20, −0.35, 0.00. */
export function formatChange(value: number | null | undefined, decimals = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const text = fixed(value, decimals, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

export function formatPercent(value: number | null | undefined, decimals = 2): string {
  const text = formatChange(value, decimals);
  return text === '–' ? text : `${text}%`;
}

/** A large count in few characters: 1.24M. */
export function formatCompact(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 }).format(value);
}

/** A raw value from a tool's result, in full. */
export function formatExact(value: number): string {
  return fixed(value, 0, 8);
}

/** -1, 0 or 1: which way a change points. */
export function direction(value: number | null | undefined): -1 | 0 | 1 {
  if (!value || !Number.isFinite(value)) return 0;
  return value > 0 ? 1 : -1;
}

const pad = (value: number): string => String(value).padStart(2, '0');

export function formatDate(value: number | string | Date): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return '–';
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

export function formatDateTime(value: number | string | Date): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return '–';
  return `${formatDate(date)} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
}

/** A bar's open time: the date alone for bars of a day or longer. */
export function formatBarTime(value: number | string | Date, timeframe: string): string {
  return /[dwM]$/.test(timeframe) ? formatDate(value) : formatDateTime(value);
}

/** When something was said, in the reader's own time zone: 14:05 today, otherwise the day. */
export function formatMoment(value: string | Date, now: Date = new Date()): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return '';
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return time;
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  const year = date.getFullYear() === now.getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${day}${year}`;
}
