import { describe, expect, it } from 'vitest';
import type { IndicatorInfo } from '$lib/api/types';
import { arrange, fit } from './catalogue';
import { actOf } from './keys';
import { DEFAULT_SETTINGS, readSettings } from './settings';
import { DEFAULT_STUDIES, newStudy, readStudies } from './studies';
import { offsetOf, sessionStarts, wallClock, zoneFor } from './zones';

const HOUR = 3_600_000;

function info(name: string, title: string, group: string, summary = ''): IndicatorInfo {
  return {
    name,
    title,
    group,
    summary,
    overlay: false,
    inputs: ['close'],
    parameters: [],
    outputs: ['value'],
  } as unknown as IndicatorInfo;
}

describe('finding an indicator', () => {
  const catalogue = [
    info('rsi', 'Relative strength index', 'momentum'),
    info('stochrsi', 'Stochastic RSI', 'momentum'),
    info('sma', 'Simple moving average', 'overlap', 'The mean of the last closes'),
  ];

  it('puts the name before the title, and the title before the summary', () => {
    const names = (query: string): string[] => arrange(catalogue, query, [])[0]?.infos.map((each) => each.name) ?? [];
    expect(names('rsi')).toEqual(['rsi', 'stochrsi']);
    expect(names('MEAN')).toEqual(['sma']);
    expect(names('moving avg')).toEqual([]);
    expect(fit(catalogue[2] as IndicatorInfo, 'simple average')).toBe(2);
  });

  it('has each indicator once, favourites first', () => {
    const groups = arrange(catalogue, '', ['sma', 'gone']);
    expect(groups.map((group) => [group.name, group.infos.length])).toEqual([
      ['Favourites', 1],
      ['Momentum', 2],
    ]);
  });
});

describe('time zones', () => {
  const winter = Date.UTC(2025, 0, 15, 14, 30);
  const summer = Date.UTC(2025, 6, 15, 13, 30);

  it('know when clocks change', () => {
    expect(offsetOf(winter, 'America/New_York')).toBe(-5 * HOUR);
    expect(offsetOf(summer, 'America/New_York')).toBe(-4 * HOUR);
    expect(offsetOf(winter, 'Asia/Kolkata')).toBe(5.5 * HOUR);
    expect(new Date(wallClock(winter, 'America/New_York')).getUTCHours()).toBe(9);
  });

  it('leave days alone', () => {
    expect(zoneFor('exchange', '1d', 'America/New_York')).toBe('UTC');
    expect(zoneFor('exchange', '1h', 'America/New_York')).toBe('America/New_York');
    expect(zoneFor('exchange', '1h', 'Nowhere/At_All')).toBe('UTC');
    expect(zoneFor('utc', '1h', 'America/New_York')).toBe('UTC');
  });

  it('tell where a session begins, in the exchange’s own days', () => {
    // From 21:00 to 06:00 UTC: New York's next day begins at 05:00 in winter, London's at midnight.
    const times = Array.from({ length: 10 }, (_, hour) => Date.UTC(2025, 0, 15, 21) + hour * HOUR);
    expect(sessionStarts(times, 'America/New_York')).toEqual([8]);
    expect(sessionStarts(times, 'Europe/London')).toEqual([3]);
  });
});

describe('what was remembered', () => {
  it('is believed only as far as it makes sense', () => {
    expect(readSettings({ kind: 'renko', scale: 'toString', gaps: 'yes' })).toEqual({
      ...DEFAULT_SETTINGS,
      kind: 'renko',
    });
    expect(readSettings(null)).toEqual(DEFAULT_SETTINGS);
    expect(readStudies('nonsense')).toEqual(DEFAULT_STUDIES);
    expect(readStudies([{ id: 'a' }, DEFAULT_STUDIES[0]])).toEqual([DEFAULT_STUDIES[0]]);
  });

  it('gives each study an id of its own', () => {
    expect(newStudy(info('rsi', '', ''), DEFAULT_STUDIES).id).toBe('rsi-2');
  });
});

describe('keys', () => {
  const key = (key: string, more: object = {}): KeyboardEvent => new KeyboardEvent('keydown', { key, ...more });

  it('move, zoom, find, undo, and leave the browser its own', () => {
    expect(actOf(key('ArrowLeft'))).toEqual({ name: 'pan', bars: -3 });
    expect(actOf(key('='))).toEqual({ name: 'zoom', steps: 1 });
    expect(actOf(key('/'))).toEqual({ name: 'search' });
    expect(actOf(key('z', { ctrlKey: true }))).toEqual({ name: 'undo' });
    expect(actOf(key('Z', { metaKey: true, shiftKey: true }))).toEqual({ name: 'redo' });
    expect(actOf(key('=', { ctrlKey: true }))).toBeNull();
    expect(actOf(key('ArrowLeft', { altKey: true }))).toBeNull();
    expect(actOf(key('x'))).toBeNull();
  });
});
