import { describe, expect, it, vi } from 'vitest';
import { atEnd, placeOf, REPLAY_OFF, startAt, step } from './replay';
import { Replayer } from './replayer.svelte';

const TIMES = [100, 200, 300, 400, 500];

describe('bar replay', () => {
  it('begins at the bar that holds the moment, and has something to see', () => {
    expect(startAt(REPLAY_OFF, TIMES, 350).cut).toBe(300);
    expect(startAt(REPLAY_OFF, TIMES, 0).cut).toBe(200);
    expect(startAt(REPLAY_OFF, TIMES, 999).cut).toBe(500);
    expect(startAt(REPLAY_OFF, [100], 100).mode).toBe('off');
  });

  it('steps to and fro, and no further than there are bars', () => {
    const begun = startAt(REPLAY_OFF, TIMES, 300);
    expect(step(begun, TIMES, 1).cut).toBe(400);
    expect(step(begun, TIMES, -1).cut).toBe(200);
    expect(step(begun, TIMES, -9).cut).toBe(200);
    const last = step({ ...begun, playing: true }, TIMES, 9);
    expect([last.cut, last.playing, atEnd(last, TIMES)]).toEqual([500, false, true]);
  });

  it('keeps its bar when older ones are read', () => {
    const begun = startAt(REPLAY_OFF, TIMES, 300);
    expect(step(begun, [10, 20, ...TIMES], 1).cut).toBe(400);
  });

  it('finds places', () => {
    expect(TIMES.map((time) => placeOf(TIMES, time))).toEqual([0, 1, 2, 3, 4]);
    expect([placeOf(TIMES, 99), placeOf(TIMES, 501), placeOf([], 1)]).toEqual([-1, 4, -1]);
  });
});

describe('a replayer', () => {
  it('never lets a later bar be seen, plays at its speed, and shows all at the end', () => {
    vi.useFakeTimers();
    const cuts: (number | null)[] = [];
    const replayer = new Replayer(() => ({ times: () => TIMES, cutAt: (time) => cuts.push(time) }));
    replayer.choose();
    replayer.startAt(200);
    replayer.setSpeed(10);
    replayer.play();
    vi.advanceTimersByTime(250);
    expect(cuts.at(-1)).toBe(400);
    vi.advanceTimersByTime(1000);
    expect([replayer.state.cut, replayer.state.playing]).toEqual([500, false]);
    replayer.play();
    expect(replayer.state.playing).toBe(false);
    replayer.step(-2);
    expect(cuts.at(-1)).toBe(300);
    replayer.end();
    expect(cuts.at(-1)).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
