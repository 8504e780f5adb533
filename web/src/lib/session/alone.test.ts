import { afterEach, describe, expect, it, vi } from 'vitest';
import { alone } from './alone';

function withoutLocks(stored = new Map<string, string>()): Map<string, string> {
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  return stored;
}

afterEach(() => vi.unstubAllGlobals());

describe('alone, where the browser has no locks', () => {
  it('does one thing at a time, and everything', async () => {
    withoutLocks();
    let running = 0;
    let most = 0;
    const done = await Promise.all(
      [1, 2, 3, 4].map((number) =>
        alone(async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running--;
          return number;
        }),
      ),
    );
    expect(done).toEqual([1, 2, 3, 4]);
    expect(most).toBe(1);
  });

  it('lets go after a failure', async () => {
    const stored = withoutLocks();
    await expect(alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(stored.size).toBe(0);
  });

  it('does not wait for a tab that vanished long ago', async () => {
    withoutLocks(new Map([['outcry.refresh.lease', JSON.stringify({ owner: 'gone', until: Date.now() - 1 })]]));
    expect(await alone(() => Promise.resolve('done'))).toBe('done');
  });

  it('works where storage is forbidden', async () => {
    withoutLocks();
    vi.stubGlobal('localStorage', {
      getItem: () => null,
      setItem: () => {
        throw new Error('forbidden');
      },
    });
    expect(await alone(() => Promise.resolve('done'))).toBe('done');
  });
});
