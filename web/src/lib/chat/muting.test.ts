import { describe, expect, it } from 'vitest';
import { isMuted, mutes, toMinutes, toTime } from './muting';

describe('a mute', () => {
  it('ends in an hour, the next morning, or never', () => {
    const now = new Date(2026, 11, 31, 23, 50);
    expect(mutes(now).map((each) => each.until?.getTime() ?? null)).toEqual([
      new Date(2027, 0, 1, 0, 50).getTime(),
      new Date(2027, 0, 1, 8).getTime(),
      null,
    ]);
  });

  it('is over by itself', () => {
    const place = { muted: false, muted_until: '2026-03-02T12:00:00Z' };
    const end = Date.parse(place.muted_until);
    expect(isMuted(place, end - 1)).toBe(true);
    expect(isMuted(place, end)).toBe(false);
    expect(isMuted({ muted: true, muted_until: null }, end)).toBe(true);
    expect(isMuted({ muted: false, muted_until: null }, end)).toBe(false);
    expect(isMuted(null, end)).toBe(false);
  });
});

describe('a time of the day', () => {
  it('comes back as it was', () => {
    for (let minutes = 0; minutes < 1440; minutes += 7) expect(toMinutes(toTime(minutes))).toBe(minutes);
  });

  it.each(['', '24:00', '7:00', '12:60', 'noon'])('is not %j', (text) => {
    expect(toMinutes(text)).toBeNull();
  });
});
