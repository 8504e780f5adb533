import { describe, expect, test } from 'vitest';
import type { LiveBar, Timeframe } from '$lib/api/types';
import type { Bar } from './bars';
import { LiveSeries } from './live';
import { openOf } from './timeframes';

const day = (date: number): number => Date.UTC(2017, 7, date);

function bar(timestamp: number, close: number): Bar {
  return { timestamp, open: close, high: close + 1, low: close - 1, close, volume: 100 };
}

function live(time: number, close: number, changes: Partial<LiveBar> = {}): LiveBar {
  const timeframe: Timeframe = '1d';
  return {
    ...{ symbol: 'AAPL', timeframe, time, open: close, high: close, low: close, close, volume: 5 },
    ...{ closed: false, replayed: true },
    ...changes,
  };
}

function daily(): LiveSeries {
  const series = new LiveSeries('1d', 'America/New_York');
  series.setRecorded([28, 29, 30, 31].map((date) => bar(day(date), date)));
  return series;
}

const closes = (series: LiveSeries): number[] => series.shown().map((each) => each.close);

describe('a replay', () => {
  test('hides what it has not reached', () => {
    const series = daily();
    expect(series.apply(live(day(29), 29.5)).kind).toBe('rebuild');
    expect(closes(series)).toEqual([28, 29.5]);
  });

  test('moves the last bar', () => {
    const series = daily();
    series.apply(live(day(29), 29.5));
    expect(series.apply(live(day(29), 29.7))).toMatchObject({ kind: 'push', bars: [{ close: 29.7 }] });
    expect(closes(series)).toEqual([28, 29.7]);
  });

  test('finishes a bar as it was recorded when it goes on, also over bars it skipped', () => {
    const series = daily();
    series.apply(live(day(28), 27.2));
    const step = series.apply(live(day(30), 30.1));
    expect(step.kind === 'push' && step.bars.map((each) => each.close)).toEqual([28, 29, 30.1]);
    expect(closes(series)).toEqual([28, 29, 30.1]);
  });

  test('begins again from the start', () => {
    const series = daily();
    series.apply(live(day(31), 31.2));
    expect(series.apply(live(day(28), 27.9)).kind).toBe('rebuild');
    expect(closes(series)).toEqual([27.9]);
  });

  test('that has ended gives back what was recorded', () => {
    const series = daily();
    series.apply(live(day(29), 29.5));
    expect(series.apply(live(day(31), 31, { replayed: false, closed: true })).kind).toBe('rebuild');
    expect(closes(series)).toEqual([28, 29, 30, 31]);
    expect(series.apply(live(day(31), 31, { replayed: false, closed: true })).kind).toBe('none');
  });
});

test('bars newer than all recorded ones are kept', () => {
  const series = daily();
  series.apply(live(day(32), 32.5, { replayed: false }));
  series.apply(live(day(33), 33.5, { replayed: false }));
  expect(closes(series)).toEqual([28, 29, 30, 31, 32.5, 33.5]);
});

test('a week is joined of its days up to the moving one', () => {
  const series = new LiveSeries('1w', 'America/New_York');
  series.setRecorded([bar(day(21), 21), bar(day(28), 31)]);
  series.setFiner([28, 29, 30, 31].map((date) => bar(day(date), date)));
  series.apply(live(day(30), 29.9, { volume: 7 }));
  expect(series.shown().at(-1)).toEqual({ timestamp: day(28), open: 28, high: 30, low: 27, close: 29.9, volume: 207 });
});

test('a bar that is longer than the chart is left alone', () => {
  const series = new LiveSeries('1m', 'America/New_York');
  series.setRecorded([bar(day(31), 31)]);
  expect(series.apply(live(day(30), 30)).kind).toBe('none');
});

test('older bars join in front, each once', () => {
  const series = daily();
  series.addOlder([bar(day(27), 27), bar(day(28), 99)]);
  expect(closes(series)).toEqual([27, 28, 29, 30, 31]);
});

test('bars open where the server opens them', () => {
  const minute = Date.UTC(2020, 11, 4, 0, 30);
  expect(openOf(minute, '1d', '1m', 'America/New_York')).toBe(Date.UTC(2020, 11, 3));
  expect(openOf(minute, '4h', '1m', 'America/New_York')).toBe(Date.UTC(2020, 11, 4));
  expect(openOf(day(31), '1w', '1d', 'America/New_York')).toBe(day(28));
  expect(openOf(day(31), '1M', '1d', 'America/New_York')).toBe(day(1));
});

describe('a live feed', () => {
  test('moves the newest bar, and begins the next', () => {
    const series = daily();
    expect(series.follow(bar(day(32), 32), false, null)).toBe(true);
    expect(series.follow(bar(day(32), 32.5), false, null)).toBe(true);
    expect(closes(series)).toEqual([28, 29, 30, 31, 32.5]);
    // The next bar has begun while the one before may still change.
    expect(series.follow(bar(day(33), 33), false, bar(day(31), 31))).toBe(true);
    expect(closes(series)).toEqual([28, 29, 30, 31, 32.5, 33]);
    expect(series.follow(bar(day(33), 33.1), false, bar(day(32), 32.7))).toBe(true);
    expect(closes(series)).toEqual([28, 29, 30, 31, 32.7, 33.1]);
    expect(series.newest).toBe(day(32));
  });

  test('goes on with the part of a bar that is recorded', () => {
    const series = daily();
    series.follow(bar(day(31), 31.4), false, bar(day(30), 30));
    expect(closes(series)).toEqual([28, 29, 30, 31.4]);
  });

  test('shows the last bar while none moves', () => {
    const series = daily();
    series.follow(bar(day(32), 32), false, null);
    series.follow(bar(day(32), 32.2), true, bar(day(32), 32.2));
    expect(series.moving).toBeNull();
    expect(closes(series)).toEqual([28, 29, 30, 31, 32.2]);
  });

  test('says when bars closed that it did not see, and takes them in afterwards', () => {
    const series = daily();
    series.follow(bar(day(32), 32), false, null);
    expect(series.follow(bar(day(35), 35), false, bar(day(34), 34))).toBe(false);
    series.record([bar(day(32), 32.1), bar(day(33), 33), bar(day(34), 34)]);
    expect(closes(series)).toEqual([28, 29, 30, 31, 32.1, 33, 34, 35]);
    expect(series.follow(bar(day(35), 35.2), false, bar(day(34), 34))).toBe(true);
  });
});
