/** The volume profile of the bars in view: how much was traded at which price, at the right edge of the prices. */
import type { Chart } from 'klinecharts';
import { api, call } from '$lib/api/client';
import type { Adjustment, PriceVolumes, Timeframe } from '$lib/api/types';
import { readColours } from './colours';
import { paintAs, type PaintParams } from './painting';
import { windowOf } from './viewport';

const NAME = 'outcry.profile';
const ROWS = 48;
/** Of the width of the prices. */
const WIDTH = 0.22;
/** It is asked for when one has stopped moving for so long. */
const PAUSE = 160;

/** What bars it is of. */
export interface Profiled {
  symbol: string;
  timeframe: Timeframe;
  adjustment: Adjustment;
}

export class Profile {
  #chart: Chart;
  #of: Profiled | null = null;
  #volumes: PriceVolumes | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = '';
  #gone = false;

  constructor(chart: Chart) {
    this.#chart = chart;
    paintAs(NAME, chart, this);
    chart.subscribeAction('onVisibleRangeChange', () => this.refresh());
  }

  /** Show that of these bars; null shows none. */
  set(of: Profiled | null): void {
    if (JSON.stringify(of) === JSON.stringify(this.#of)) return;
    // Who does not look at it has one thing less to draw.
    if (of && !this.#of) {
      this.#chart.createIndicator({ name: NAME, id: NAME, paneId: 'candle_pane', zLevel: -2 }, true);
    } else if (!of) {
      this.#chart.removeIndicator({ id: NAME });
    }
    [this.#of, this.#volumes, this.#asked] = [of, null, ''];
    if (of) this.#draw();
    this.refresh();
  }

  /** Other bars may be in view. */
  refresh(): void {
    if (!this.#of || this.#gone) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), PAUSE);
  }

  destroy(): void {
    this.#gone = true;
    clearTimeout(this.#timer);
  }

  async #read(): Promise<void> {
    const [of, window] = [this.#of, windowOf(this.#chart)];
    if (!of || !window) return;
    const query = { timeframe: of.timeframe, adjustment: of.adjustment, rows: ROWS, ...window };
    const asked = JSON.stringify([of.symbol, query]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    const params = { path: { symbol: of.symbol }, query };
    // Without it the chart is as good as it was: it is tried again when one moves.
    const found = await call(api.GET('/api/v1/instruments/{symbol}/volume-profile', { params })).catch(() => null);
    if (this.#gone || asked !== this.#asked) return;
    this.#volumes = found;
    if (!found) this.#asked = '';
    this.#draw();
  }

  #draw(): void {
    this.#chart.overrideIndicator({ name: NAME, id: NAME, calc: () => [] });
  }

  paint({ ctx, bounding, yAxis }: PaintParams): void {
    const volumes = this.#volumes;
    if (!this.#of || !volumes || volumes.edges.length < 2) return;
    const colours = readColours();
    const traded = volumes.rising.map((up, row) => up + (volumes.falling[row] ?? 0));
    const scale = (bounding.width * WIDTH) / Math.max(...traded);
    const [low, high] = [volumes.value_low ?? 0, volumes.value_high ?? 0];
    ctx.save();
    for (const [row, volume] of traded.entries()) {
      const [from, to] = [volumes.edges[row] ?? 0, volumes.edges[row + 1] ?? 0];
      const [top, bottom] = [yAxis.convertToPixel(to), yAxis.convertToPixel(from)];
      const middle = (from + to) / 2;
      const strength = middle >= low && middle <= high ? '4d' : '26';
      const rising = (volumes.rising[row] ?? 0) * scale;
      const width = volume * scale;
      const height = Math.max(1, bottom - top - 1);
      ctx.fillStyle = `${colours.up}${strength}`;
      ctx.fillRect(bounding.width - rising, top, rising, height);
      ctx.fillStyle = `${colours.down}${strength}`;
      ctx.fillRect(bounding.width - width, top, width - rising, height);
    }
    if (volumes.point_of_control !== null) {
      const y = Math.round(yAxis.convertToPixel(volumes.point_of_control)) + 0.5;
      ctx.strokeStyle = colours.accent;
      ctx.lineWidth = 1;
      ctx.beginPath();
      ctx.moveTo(bounding.width * (1 - WIDTH), y);
      ctx.lineTo(bounding.width, y);
      ctx.stroke();
    }
    ctx.restore();
  }
}
