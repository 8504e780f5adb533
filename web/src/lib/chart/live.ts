/**
 * The bars of a chart while a bar moves. A replay plays old bars: everything recorded after the moving bar is hidden
 * until the replay gets there, and what is behind it is as it was recorded.
 */
import type { LiveBar, Timeframe } from '$lib/api/types';
import { joinBars, type Bar } from './bars';
import { openOf, TIMEFRAMES } from './timeframes';

/** What a chart has to do: nothing, draw everything anew, or put these bars at its end, one after the other. */
export type Step = { kind: 'none' } | { kind: 'rebuild' } | { kind: 'push'; bars: Bar[] };

const NONE: Step = { kind: 'none' };
const REBUILD: Step = { kind: 'rebuild' };

export class LiveSeries {
  readonly timeframe: Timeframe;
  readonly zone: string;
  #recorded: Bar[] = [];
  /** Recorded bars in the timeframe of the moving bar, for charts of a longer one. */
  #finer: Bar[] = [];
  #moving: Bar | null = null;

  constructor(timeframe: Timeframe, zone: string) {
    this.timeframe = timeframe;
    this.zone = zone;
  }

  /** The bar that moves now, as this chart shows it. */
  get moving(): Bar | null {
    return this.#moving;
  }

  /** When the newest recorded bar opened. */
  get newest(): number | null {
    return this.#recorded.at(-1)?.timestamp ?? null;
  }

  setRecorded(bars: readonly Bar[]): void {
    this.#recorded = [...bars];
  }

  addOlder(bars: readonly Bar[]): void {
    const first = this.#recorded[0]?.timestamp ?? Number.POSITIVE_INFINITY;
    this.#recorded = [...bars.filter((bar) => bar.timestamp < first), ...this.#recorded];
  }

  setFiner(bars: readonly Bar[]): void {
    this.#finer = [...bars];
  }

  /** The bars to draw, oldest first. */
  shown(): Bar[] {
    const moving = this.#moving;
    if (!moving) return [...this.#recorded];
    return [...this.#recorded.filter((bar) => bar.timestamp < moving.timestamp), moving];
  }

  /** The last recorded close before a moment. */
  closeBefore(time: number): number | null {
    return this.#recorded.findLast((bar) => bar.timestamp < time)?.close ?? null;
  }

  /**
   * Take the newest bar of this timeframe as a live feed tells it, and the one that closed before. False: a bar closed
   * that was never seen, and others may have before it.
   */
  follow(bar: Bar, closed: boolean, last: Bar | null): boolean {
    const moving = this.#moving;
    // What is over stays as it was seen, until its final form is told: a late trade may still change it.
    if (moving && bar.timestamp > moving.timestamp) this.record([moving]);
    const newest = this.#recorded.at(-1)?.timestamp ?? Number.POSITIVE_INFINITY;
    const missed = last !== null && last.timestamp > newest;
    if (last) this.record([last]);
    if (closed) this.record([bar]);
    this.#moving = closed ? null : bar;
    return !missed;
  }

  /** Take recorded bars in, in place of those of the same times. */
  record(bars: readonly Bar[]): void {
    const [first] = bars;
    if (!first) return;
    const times = new Set(bars.map((bar) => bar.timestamp));
    const others = this.#recorded.filter((bar) => !times.has(bar.timestamp));
    this.#recorded = [...others, ...bars].sort((a, b) => a.timestamp - b.timestamp);
  }

  apply(live: LiveBar): Step {
    if (TIMEFRAMES[live.timeframe].length > TIMEFRAMES[this.timeframe].length) return NONE;
    const newest = this.#recorded.at(-1);
    const timestamp = openOf(live.time, this.timeframe, live.timeframe, this.zone);
    // The replay has ended: the newest recorded bar is the truth again.
    if (!live.replayed && newest && timestamp <= newest.timestamp) return this.rest();
    const bar = this.#barOf(live, timestamp);
    const before = this.#moving;
    this.#moving = bar;
    if (!before) {
      if (newest && timestamp > newest.timestamp) return { kind: 'push', bars: [bar] };
      return newest?.timestamp === timestamp ? { kind: 'push', bars: [bar] } : REBUILD;
    }
    if (timestamp === before.timestamp) return { kind: 'push', bars: [bar] };
    return timestamp < before.timestamp ? REBUILD : this.#advance(before, bar);
  }

  /** Nothing moves any more. */
  rest(): Step {
    if (!this.#moving) return NONE;
    this.#moving = null;
    return REBUILD;
  }

  /** The moving bar went on to the next: finish the one before, and what lies between, as recorded. */
  #advance(before: Bar, bar: Bar): Step {
    const between = this.#recorded.filter(
      (each) => each.timestamp >= before.timestamp && each.timestamp < bar.timestamp,
    );
    if (between[0]?.timestamp !== before.timestamp) {
      // Not recorded yet: keep what was seen of it.
      this.record([before]);
      between.unshift(before);
    }
    return { kind: 'push', bars: [...between, bar] };
  }

  #barOf(live: LiveBar, timestamp: number): Bar {
    const { time, open, high, low, close, volume } = live;
    const own: Bar = { timestamp: time, open, high, low, close, volume };
    if (live.timeframe === this.timeframe) return { ...own, timestamp };
    const earlier = this.#finer.filter(
      (bar) => bar.timestamp < time && openOf(bar.timestamp, this.timeframe, live.timeframe, this.zone) === timestamp,
    );
    return joinBars(timestamp, [...earlier, own]) ?? { ...own, timestamp };
  }
}
