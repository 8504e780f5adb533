/** The numbers of a formula, drawn in a pane of their own. */
import { registerIndicator, type Chart, type IndicatorCreate, type KLineData } from 'klinecharts';
import { sourceOf } from './presentation';

const NAME = 'outcry.formula';
const PANE = 'pane.formula';
let registered = false;

interface Value {
  value?: number;
}

function register(): void {
  if (registered) return;
  registered = true;
  registerIndicator<Value>({ name: NAME, precision: 2, figures: [{ key: 'value', type: 'line' }], calc: () => [] });
}

export interface Numbers {
  time: readonly number[];
  values: readonly (number | null)[];
}

export class FormulaLine {
  #chart: Chart;
  #values = new Map<number, Value>();
  #shown = false;

  constructor(chart: Chart) {
    this.#chart = chart;
    register();
  }

  /** Draw these numbers; null takes them away. */
  set(numbers: Numbers | null): void {
    if (!numbers) {
      if (this.#shown) this.#chart.removeIndicator({ id: NAME });
      this.#shown = false;
      return;
    }
    this.#values = new Map(
      numbers.time.flatMap((time, index): [number, Value][] => {
        const value = numbers.values[index];
        return value === null || value === undefined ? [] : [[time, { value }]];
      }),
    );
    const calc = (bars: KLineData[]): Value[] => bars.map((bar) => this.#values.get(sourceOf(bar)) ?? {});
    if (this.#shown) {
      this.#chart.overrideIndicator({ name: NAME, id: NAME, calc } as IndicatorCreate);
      return;
    }
    this.#shown = true;
    this.#chart.createIndicator({ name: NAME, id: NAME, paneId: PANE, calc } as IndicatorCreate);
    this.#chart.setPaneOptions({ id: PANE, height: 110, minHeight: 40 });
  }
}
