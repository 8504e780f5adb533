/** Bars that move on a chart: those of a replay, and those of a live feed with what it gives of the studies. */
import type { FedBar, FedStudy, LiveBar, Timeframe } from '$lib/api/types';
import type { Companions } from './companions';
import type { History } from './history';
import type { Study } from './studies';

/** Follow a topic of which only the newest state matters; returns what ends it. */
export type Follow = (topic: string, onState: (state: unknown) => void) => () => void;

/** The topic of a study's newest values. */
export function studyTopic(symbol: string, timeframe: string, study: Study): string {
  const settings = Object.entries(study.parameters).map(([name, value]) => `${name}=${value}`);
  return `studies:${symbol}:${timeframe}:${study.name}${settings.length ? `(${settings.join(',')})` : ''}`;
}

/** The values of a state that are known. */
export function knownValues(state: FedStudy): Record<string, number> {
  return Object.fromEntries(Object.entries(state.values).filter((pair): pair is [string, number] => pair[1] !== null));
}

export interface FeedingEvents {
  /** The bars changed. */
  onMoved(): void;
  /** There are bars where there were none. */
  onRecorded(): void;
  onError(error: unknown): void;
}

export class Feeding {
  #companions: Companions;
  #follow: Follow;
  #events: FeedingEvents;
  #history: History | null = null;
  /** What a live feed last told of these bars. */
  #fed: FedBar | null = null;
  /** The last bar that closed, as it was told. */
  #closed: number | null = null;

  constructor(companions: Companions, follow: Follow, events: FeedingEvents) {
    [this.#companions, this.#follow, this.#events] = [companions, follow, events];
  }

  /** Other bars are shown. */
  begin(history: History): void {
    [this.#history, this.#fed, this.#closed] = [history, null, null];
  }

  /** The bars are there: what was told before counts now. */
  loaded(): void {
    if (this.#fed) this.takeFed(this.#fed);
  }

  /** Take the bar that a replay moves, of this timeframe or a shorter one. */
  takeReplayed(live: LiveBar): void {
    const history = this.#history;
    if (!history?.loaded || live.symbol !== history.instrument.symbol) return;
    const step = history.apply(live);
    if (step === null) {
      void this.#readFiner(history, live.timeframe);
      return;
    }
    if (step.kind === 'none') return;
    const { moving } = history.series;
    this.#companions.hideFrom(moving && live.replayed ? moving.timestamp : Number.POSITIVE_INFINITY);
    this.#events.onMoved();
  }

  /** Take the newest bar of this timeframe as a live feed tells it. */
  takeFed(fed: FedBar): void {
    const history = this.#history;
    if (!history || fed.symbol !== history.instrument.symbol || fed.timeframe !== history.timeframe) return;
    this.#fed = fed;
    if (!history.loaded) {
      // Nothing was recorded of it yet; now a bar is.
      if (history.failed && fed.last_closed) this.#events.onRecorded();
      return;
    }
    const { series } = history;
    const before = series.newest;
    const whole = history.follow(fed);
    this.#companions.feed(this.#follow);
    this.#companions.hideFrom(series.moving?.timestamp ?? Number.POSITIVE_INFINITY);
    const last = fed.last_closed?.time ?? null;
    if (last !== null && last !== this.#closed) this.#companions.closed(last);
    this.#closed = last;
    this.#events.onMoved();
    if (!whole) void this.#catchUp(history, before ?? fed.time);
  }

  /** Read the bars that closed unseen. */
  async #catchUp(history: History, since: number): Promise<void> {
    try {
      await history.catchUp(since);
    } catch {
      return; // They stay missing until the page reads its bars again; what moves goes on.
    }
    if (history !== this.#history) return;
    this.#companions.closed(since);
    this.#events.onMoved();
  }

  async #readFiner(history: History, timeframe: Timeframe): Promise<void> {
    try {
      await history.readFiner(timeframe);
    } catch (error) {
      if (history === this.#history) this.#events.onError(error);
    }
  }
}
