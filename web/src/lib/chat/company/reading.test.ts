import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EVERY_MS, Reading } from './reading';

describe('reading a room', () => {
  let looks = true;
  let told: [number, number][] = [];
  let reading: Reading;

  beforeEach(() => {
    vi.useFakeTimers();
    looks = true;
    told = [];
    reading = new Reading({ looks: () => looks, tell: (read, delivered) => told.push([read, delivered]) });
  });

  afterEach(() => {
    reading.close();
    vi.useRealTimers();
  });

  it('tells the first at once and a thousand more in one', () => {
    for (let sequence = 1; sequence <= 1000; sequence += 1) reading.saw(sequence);
    expect(told).toEqual([[1, 0]]);
    vi.advanceTimersByTime(EVERY_MS);
    expect(told).toEqual([
      [1, 0],
      [1000, 0],
    ]);
    reading.saw(5);
    vi.advanceTimersByTime(EVERY_MS * 3);
    expect(told).toHaveLength(2);
  });

  it('reads nothing while nobody looks, and then what came into sight', () => {
    looks = false;
    reading.saw(7);
    reading.has(8);
    expect(told).toEqual([[0, 8]]);
    vi.advanceTimersByTime(EVERY_MS);
    looks = true;
    reading.looked();
    expect(told.at(-1)).toEqual([7, 8]);
  });

  it('reads nothing more once the room was marked unread', () => {
    reading.saw(3);
    reading.hold();
    vi.advanceTimersByTime(EVERY_MS);
    reading.saw(4);
    reading.close();
    expect(told).toEqual([[3, 0]]);
  });

  it('tells it again on a new connection, and the last of it when the room is left', () => {
    reading.saw(3);
    vi.advanceTimersByTime(EVERY_MS);
    reading.again();
    expect(told).toEqual([
      [3, 0],
      [3, 0],
    ]);
    reading.saw(4);
    reading.close();
    expect(told.at(-1)).toEqual([4, 0]);
  });
});
