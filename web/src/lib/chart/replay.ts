/**
 * Bar replay: one person plays the bars that are loaded, one by one, as if the later ones were still to come. It moves
 * nothing but their own chart, unlike the organisation's replay, which gives everybody new prices.
 */

export type ReplayMode = 'off' | 'choosing' | 'on';

export interface ReplayState {
  mode: ReplayMode;
  /** The newest bar that may be seen (its open, ms); null unless it is on. */
  cut: number | null;
  playing: boolean;
  /** Bars a second. */
  speed: number;
}

export const SPEEDS = [0.5, 1, 2, 5, 10, 20] as const;
export const REPLAY_OFF: ReplayState = { mode: 'off', cut: null, playing: false, speed: 2 };
/** There must be something to see before the first step. */
const LEAST = 2;

/** The place of the newest bar that is not after a moment; -1 when all are. */
export function placeOf(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Number.POSITIVE_INFINITY) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function startAt(state: ReplayState, times: readonly number[], time: number): ReplayState {
  if (times.length < LEAST) return { ...state, mode: 'off', cut: null, playing: false };
  const place = Math.min(Math.max(placeOf(times, time), LEAST - 1), times.length - 1);
  return { ...state, mode: 'on', cut: times[place] ?? null, playing: false };
}

/** Go on, or back, by so many bars; at the newest bar it stops playing. */
export function step(state: ReplayState, times: readonly number[], by: number): ReplayState {
  if (state.mode !== 'on' || state.cut === null) return state;
  const last = times.length - 1;
  const place = Math.min(Math.max(placeOf(times, state.cut) + by, LEAST - 1), last);
  return { ...state, cut: times[place] ?? state.cut, playing: state.playing && place < last };
}

export function atEnd(state: ReplayState, times: readonly number[]): boolean {
  return state.cut !== null && state.cut >= (times.at(-1) ?? Number.NEGATIVE_INFINITY);
}
