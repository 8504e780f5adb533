/** What is drawn beside the bars: where sessions begin, gaps, and marks at bars (hits of a formula, doubts about data). */
import type { Chart } from 'klinecharts';
import type { Bar } from './bars';
import { readColours, type Colours } from './colours';
import { findGaps, type Gap } from './gaps';
import { paintAs, type PaintParams } from './painting';
import { sourceOf } from './presentation';
import { placeOf } from './replay';
import { sessionStarts } from './zones';

export interface Mark {
  /** The open of the bar that it stands at, ms. */
  time: number;
  kind: 'hit' | 'quality';
  text: string;
}

export interface Dressing {
  /** The zone whose days are sessions; null: no lines. */
  sessions: string | null;
  gaps: boolean;
  marks: readonly Mark[];
}

const NAME = 'outcry.decorations';

export class Decorations {
  #chart: Chart;
  #dressing: Dressing = { sessions: null, gaps: false, marks: [] };
  #starts: number[] = [];
  #gaps: Gap[] = [];
  #placed: (Mark & { at: number })[] = [];
  #colours: Colours = readColours();

  constructor(chart: Chart) {
    this.#chart = chart;
    paintAs(NAME, chart, this);
    chart.createIndicator({ name: NAME, id: NAME, paneId: 'candle_pane', zLevel: -1 }, true);
  }

  set(dressing: Dressing): void {
    this.#dressing = dressing;
    this.refresh();
    this.#chart.overrideIndicator({ name: NAME, id: NAME, calc: () => [] });
  }

  restyle(): void {
    this.#colours = readColours();
  }

  /** The bars have changed: find out again where things stand. */
  refresh(): void {
    const bars = this.#chart.getDataList();
    const { sessions, gaps, marks } = this.#dressing;
    const times = bars.map((bar) => sourceOf(bar));
    this.#starts = sessions ? sessionStarts(times, sessions) : [];
    this.#gaps = gaps ? findGaps(bars as unknown as Bar[]) : [];
    this.#placed = marks.flatMap((mark) => {
      const at = placeOf(times, mark.time);
      // Before the first bar it is not on this chart; after the last it may not be seen yet.
      return at < 0 || mark.time > (times.at(-1) ?? 0) ? [] : [{ ...mark, at }];
    });
  }

  /** What is said of the marks at a bar, told by its place. */
  textsAt(place: number): string[] {
    return this.#placed.filter((mark) => mark.at === place).map((mark) => mark.text);
  }

  paint({ ctx, chart, bounding, xAxis, yAxis }: PaintParams): void {
    const range = chart.getVisibleRange();
    const x = (at: number): number => xAxis.convertToPixel(at);
    const y = (price: number): number => yAxis.convertToPixel(price);
    const inView = (at: number): boolean => at >= range.from && at < range.to;
    ctx.save();
    const half = chart.getBarSpace().bar / 2;
    this.#paintSessions(ctx, this.#starts.filter(inView), (at) => x(at) - half, bounding.height, half);
    for (const gap of this.#gaps) {
      const end = gap.filled ?? range.to;
      if (end < range.from || gap.from >= range.to) continue;
      ctx.fillStyle = `${gap.up ? this.#colours.up : this.#colours.down}26`;
      const [left, right] = [Math.max(x(gap.from), 0), Math.min(x(end), bounding.width)];
      ctx.fillRect(left, y(gap.high), right - left, Math.max(1, y(gap.low) - y(gap.high)));
    }
    const bars = chart.getDataList();
    for (const { at, kind } of this.#placed) {
      const bar = bars[at];
      if (!bar || !inView(at)) continue;
      if (kind === 'hit') this.#arrow(ctx, x(at), Math.min(y(bar.low) + 8, bounding.height - 10));
      else this.#diamond(ctx, x(at), Math.max(y(bar.high) - 10, 8));
    }
    ctx.restore();
  }

  #paintSessions(
    ctx: CanvasRenderingContext2D,
    starts: readonly number[],
    x: (at: number) => number,
    height: number,
    half: number,
  ): void {
    // Too close together they would only grey the chart.
    const [first, second] = starts;
    if (first !== undefined && second !== undefined && (second - first) * half * 2 < 24) return;
    ctx.strokeStyle = this.#colours.lineStrong;
    ctx.setLineDash([2, 4]);
    for (const at of starts) {
      ctx.beginPath();
      ctx.moveTo(Math.round(x(at)) + 0.5, 0);
      ctx.lineTo(Math.round(x(at)) + 0.5, height);
      ctx.stroke();
    }
    ctx.setLineDash([]);
  }

  #arrow(ctx: CanvasRenderingContext2D, x: number, top: number): void {
    ctx.fillStyle = this.#colours.accent;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x + 5, top + 9);
    ctx.lineTo(x - 5, top + 9);
    ctx.fill();
  }

  #diamond(ctx: CanvasRenderingContext2D, x: number, middle: number): void {
    ctx.fillStyle = this.#colours.amber;
    ctx.beginPath();
    ctx.moveTo(x, middle - 5);
    ctx.lineTo(x + 5, middle);
    ctx.lineTo(x, middle + 5);
    ctx.lineTo(x - 5, middle);
    ctx.fill();
  }
}
