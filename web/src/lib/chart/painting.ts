/** Painting among the prices by one's own hand: the library paints an indicator without figures, and this is how. */
import { registerIndicator, type IndicatorDrawParams } from 'klinecharts';

export type PaintParams = Pick<
  IndicatorDrawParams<unknown, unknown, unknown>,
  'ctx' | 'chart' | 'bounding' | 'xAxis' | 'yAxis'
>;

export interface Painter {
  paint(params: PaintParams): void;
}

const PAINTERS = new Map<string, WeakMap<object, Painter>>();

/** Have `painter` paint on a chart whenever its indicator of this name is drawn there. */
export function paintAs(name: string, chart: object, painter: Painter): void {
  let painters = PAINTERS.get(name);
  if (!painters) {
    painters = new WeakMap();
    PAINTERS.set(name, painters);
    register(name, painters);
  }
  painters.set(chart, painter);
}

function register(name: string, painters: WeakMap<object, Painter>): void {
  registerIndicator({
    name,
    shortName: '',
    series: 'price',
    figures: [],
    calc: () => [],
    draw: (params) => {
      painters.get(params.chart)?.paint(params);
      return true;
    },
  });
}
