import { expect, test } from 'vitest';
import { knownValues, studyTopic } from './feeding';

test('a study is followed by its name and settings', () => {
  const macd = { id: 'macd-1', name: 'macd', parameters: { fast: 12, slow: 26, signal: 9 } };
  expect(studyTopic('BTC-USDT', '1h', macd)).toBe('studies:BTC-USDT:1h:macd(fast=12,slow=26,signal=9)');
  expect(studyTopic('AAPL', '1m', { id: 'obv-1', name: 'obv', parameters: {} })).toBe('studies:AAPL:1m:obv');
});

test('values that are not known yet are left out', () => {
  expect(knownValues({ time: 1, values: { macd: 0.5, signal: null } })).toEqual({ macd: 0.5 });
});
