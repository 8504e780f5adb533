/** Which bar the pointer is at, by its place among those that are drawn. */
import type { Chart } from 'klinecharts';

export class Pointer {
  #chart: Chart;
  #host: HTMLElement;
  #changed: () => void;
  #at: number | null = null;

  constructor(chart: Chart, host: HTMLElement, changed: () => void) {
    [this.#chart, this.#host, this.#changed] = [chart, host, changed];
    chart.subscribeAction('onCrosshairChange', (data) => {
      const x = (data as { x?: number } | undefined)?.x;
      this.#move(x === undefined ? null : this.indexAt(x));
    });
    host.addEventListener('pointerleave', this.#leave);
  }

  /** The place of the bar; null beside the bars. */
  get at(): number | null {
    return this.#at;
  }

  /** Other bars are drawn. */
  forget(): void {
    this.#at = null;
  }

  destroy(): void {
    this.#host.removeEventListener('pointerleave', this.#leave);
  }

  /** The place of the bar at so many pixels from the left of the chart. */
  indexAt(x: number): number | null {
    const [point] = this.#chart.convertFromPixel([{ x }], { paneId: 'candle_pane' }) as { dataIndex?: number }[];
    const index = point?.dataIndex ?? -1;
    return index >= 0 && index < this.#chart.getDataList().length ? index : null;
  }

  /** The place of the bar at a place of the page. */
  indexOnPage(clientX: number): number | null {
    return this.indexAt(clientX - this.#host.getBoundingClientRect().left);
  }

  #move(at: number | null): void {
    this.#at = at;
    this.#changed();
  }

  #leave = (): void => this.#move(null);
}
