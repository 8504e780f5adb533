import { describe, expect, it } from 'vitest';
import type { FeedStatus } from '$lib/api/types';
import { facts, lag, standing } from './feeds';

const FEED: FeedStatus = {
  name: 'ccxt:binance',
  connected: true,
  problem: '',
  symbols: ['BTC-USDT', 'ETH-USDT'],
  heard_at: '2026-01-05T12:00:00Z',
  lag_ms: 84.4,
  reconnects: 2,
  frozen: 1,
  ticks: 90210,
  quotes: 4,
  late: 1234,
  dropped: 5,
  refused: 0,
  filled: 3,
  unfilled: 0,
  waiting: 0,
};

describe('how a feed goes', () => {
  it('says a lag in the unit that fits', () => {
    expect([null, -3, 84.4, 999.6, 1500, 59_960, 900_000].map(lag)).toEqual([
      '–',
      '0 ms',
      '84 ms',
      '1.0 s',
      '1.5 s',
      '1 min',
      '15 min',
    ]);
  });

  it('says whether it is connected, and why not', () => {
    expect(standing(FEED)).toBe('Connected');
    expect(standing({ ...FEED, connected: false })).toBe('Connecting');
    expect(standing({ ...FEED, connected: false, problem: 'did not answer in time' })).toBe(
      'Not connected: did not answer in time',
    );
    expect(standing({ ...FEED, connected: false, problem: 'It is away.' })).toBe('Not connected: It is away');
  });

  it('names what was late, refused and lost', () => {
    const at = Date.parse('2026-01-05T12:05:00Z');
    const shown = facts({ ...FEED, unfilled: 2 }, at);
    expect(shown.map((one) => `${one.name} ${one.value}`)).toEqual([
      'Symbols 2',
      'Lag 84 ms',
      'Heard 5 minutes ago',
      'Reconnects 2',
      'Late 1,234',
      'Refused 0',
      'Gaps left 2',
    ]);
    expect(shown.filter((one) => one.doubtful).map((one) => one.name)).toEqual(['Gaps left']);
    expect(facts({ ...FEED, heard_at: null }, at)[2]).toEqual({ name: 'Heard', value: 'not yet' });
  });
});
