import { describe, expect, it } from 'vitest';
import { chartPath } from './path';

describe('chartPath', () => {
  it('keeps a symbol with signs in it one part of the address', () => {
    expect(chartPath('AAPL')).toBe('/chart/AAPL');
    expect(chartPath('BTC/USD?x#y')).toBe('/chart/BTC%2FUSD%3Fx%23y');
  });
});
