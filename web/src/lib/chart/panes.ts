/** The panes under the prices: the volume's own, how high they are, and who changed that. */
import type { Chart } from 'klinecharts';
import { VOLUME, type Panes } from './arrangement';
import type { Companions } from './companions';

const VOLUME_PANE = 'pane.volume';
const VOLUME_HEIGHT = 80;
/** A pane that is dragged is told once it rests for so long, ms. */
const REST = 200;

export class PaneHeights {
  #chart: Chart;
  #companions: Companions;
  #told: (panes: Panes) => void;
  #panes: Panes = {};
  #volume = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(chart: Chart, companions: Companions, told: (panes: Panes) => void) {
    [this.#chart, this.#companions, this.#told] = [chart, companions, told];
    chart.subscribeAction('onPaneDrag', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#tell(), REST);
    });
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  /** Give panes the heights that they were given before, fold and unfold them. */
  set(panes: Panes): void {
    this.#panes = panes;
    this.#companions.setPanes(panes);
    this.#sizeVolume();
  }

  /** How high the pane of a study is, as a part of the chart. */
  partOf(id: string): number | null {
    const height = this.#companions.heights().find(([each]) => each === id)?.[1];
    const whole = this.#chart.getSize()?.height ?? 0;
    return height && whole > 0 ? partOf(height, whole) : null;
  }

  showVolume(shown: boolean): void {
    if (shown === this.#volume) return;
    this.#volume = shown;
    if (!shown) {
      this.#chart.removeIndicator({ paneId: VOLUME_PANE });
      return;
    }
    this.#chart.createIndicator({ name: 'VOL', id: 'volume', paneId: VOLUME_PANE, calcParams: [] });
    this.#chart.setPaneOptions({ id: VOLUME_PANE, height: VOLUME_HEIGHT, minHeight: 30 });
    this.#sizeVolume();
  }

  #sizeVolume(): void {
    if (!this.#volume) return;
    const part = this.#panes[VOLUME]?.height;
    const height = part ? Math.round(part * (this.#chart.getSize()?.height ?? 0)) : VOLUME_HEIGHT;
    if (height > 0 && Math.abs((this.#chart.getSize(VOLUME_PANE)?.height ?? 0) - height) >= 1) {
      this.#chart.setPaneOptions({ id: VOLUME_PANE, height });
    }
  }

  #tell(): void {
    const whole = this.#chart.getSize()?.height ?? 0;
    if (whole <= 0) return;
    const heights = this.#companions.heights();
    if (this.#volume) heights.push([VOLUME, this.#chart.getSize(VOLUME_PANE)?.height ?? 0]);
    const seen = heights.map(([id, height]) => [id, { height: partOf(height, whole), folded: false }]);
    this.#told({ ...this.#panes, ...Object.fromEntries(seen) });
  }
}

function partOf(height: number, whole: number): number {
  return Math.min(0.9, Math.max(0.02, Math.round((height / whole) * 1000) / 1000));
}
