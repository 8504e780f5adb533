import { describe, expect, test } from 'vitest';
import { formatBarTime, formatChange, formatCompact, formatMoment, formatPercent, formatPrice } from './number';

describe('prices', () => {
  test('have two decimals from one upwards, and thousands apart', () => {
    expect(formatPrice(164.053)).toBe('164.05');
    expect(formatPrice(24093.5)).toBe('24,093.50');
  });

  test('have more decimals when they are small', () => {
    expect(formatPrice(0.0721)).toBe('0.0721');
    expect(formatPrice(0.000123)).toBe('0.000123');
  });

  test('that do not exist are a dash', () => {
    expect(formatPrice(null)).toBe('–');
    expect(formatPrice(Number.NaN)).toBe('–');
  });
});

describe('changes', () => {
  test('always say which way', () => {
    expect(formatChange(1.2)).toBe('+1.20');
    expect(formatChange(-0.35)).toBe('\u22120.35');
    expect(formatPercent(41.651)).toBe('+41.65%');
  });

  test('that round to nothing have no sign', () => {
    expect(formatChange(0)).toBe('0.00');
    expect(formatChange(-0.001)).toBe('0.00');
    expect(formatChange(0.001)).toBe('0.00');
  });
});

test('volumes are short', () => {
  expect(formatCompact(26_441_000)).toBe('26.44M');
});

test('a daily bar shows its date, a minute bar its time too, both in UTC', () => {
  const open = Date.UTC(2017, 7, 31, 14, 5);
  expect(formatBarTime(open, '1d')).toBe('2017-08-31');
  expect(formatBarTime(open, '1m')).toBe('2017-08-31 14:05');
  expect(formatBarTime(open, '1M')).toBe('2017-08-31');
});

test('moments of today are a time, older ones a day', () => {
  const now = new Date(2026, 5, 15, 18, 0);
  expect(formatMoment(new Date(2026, 5, 15, 9, 7), now)).toBe('09:07');
  expect(formatMoment(new Date(2026, 5, 3, 9, 7), now)).toBe('3 Jun');
  expect(formatMoment(new Date(2025, 5, 3, 9, 7), now)).toBe('3 Jun 2025');
});
