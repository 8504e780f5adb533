import { describe, expect, it } from 'vitest';
import { fromLayout, toLayout, type Arrangement } from './arrangement';
import { DEFAULT_SETTINGS } from './settings';

const ARRANGEMENT: Arrangement = {
  settings: {
    ...DEFAULT_SETTINGS,
    kind: 'renko',
    scale: 'log',
    zone: 'mine',
    volume: false,
    gaps: true,
    adjustment: 'all',
    renkoBox: 2.5,
    profile: true,
  },
  studies: [
    { id: 'sma-1', name: 'sma', parameters: { period: 20 } },
    { id: 'sma-2', name: 'sma', parameters: { period: 50 }, hidden: true },
    { id: 'beta-1', name: 'beta', parameters: { period: 5 }, other: 'SPX' },
  ],
  panes: { volume: { height: 0.2, folded: false }, 'beta-1': { height: 0.15, folded: true } },
  compared: ['MSFT'],
  formula: 'close > sma(200)',
};

describe('an arrangement', () => {
  it('is the same after it was kept', () => {
    const kept = toLayout(ARRANGEMENT, { symbol: 'AAPL', timeframe: '1d' });
    expect(kept.symbol).toBe('AAPL');
    expect(fromLayout(kept, ARRANGEMENT.settings)).toEqual(ARRANGEMENT);
  });

  it('is without its instrument in a template', () => {
    const kept = toLayout(ARRANGEMENT, null);
    expect([kept.symbol, kept.timeframe, kept.compare]).toEqual([null, null, []]);
    expect(fromLayout(kept, ARRANGEMENT.settings)).toEqual({ ...ARRANGEMENT, compared: [] });
  });

  it('leaves alone what a layout does not say', () => {
    const kept = toLayout(ARRANGEMENT, null);
    const now = { ...DEFAULT_SETTINGS, gaps: false, magnet: false };
    expect(fromLayout(kept, now).settings).toMatchObject({ gaps: true, magnet: false, kind: 'renko' });
  });

  it('keeps heights only of panes that it has', () => {
    const panes = { ...ARRANGEMENT.panes, 'rsi-1': { height: 0.3, folded: false } };
    expect(toLayout({ ...ARRANGEMENT, panes }, null).panes.map((pane) => pane.id)).toEqual(['volume', 'beta-1']);
  });
});
