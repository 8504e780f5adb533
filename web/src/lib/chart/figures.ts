/** Telling the chart library what an indicator of the server's catalogue looks like. */
import { registerIndicator, type IndicatorFigure } from 'klinecharts';
import type { IndicatorInfo } from '$lib/api/types';

export type Values = Record<string, number>;

/** Lines that people look for in a pane. */
const LEVELS: Record<string, number[]> = { rsi: [30, 70], mfi: [20, 80], stoch: [20, 80], cci: [-100, 100] };
const BOUNDED = new Set(['rsi', 'mfi', 'stoch', 'adx']);
const BIG = new Set(['obv', 'ad', 'adosc']);
const DOTTED = new Set(['sar', 'sarext']);

export function templateName(name: string): string {
  return `outcry.${name}`;
}

export function isBig(name: string): boolean {
  return BIG.has(name);
}

const registered = new Set<string>();

type Template = Parameters<typeof registerIndicator<Values>>[0];
type HistogramStyle = NonNullable<NonNullable<Template['figures']>[number]['styles']>;

export function register(info: IndicatorInfo): void {
  if (registered.has(info.name)) return;
  registered.add(info.name);
  const levels = LEVELS[info.name] ?? [];
  registerIndicator<Values>({
    name: templateName(info.name),
    shortName: info.name.toUpperCase(),
    precision: 2,
    series: info.overlay ? 'price' : 'normal',
    ...(BOUNDED.has(info.name) ? { minValue: 0, maxValue: 100 } : {}),
    shouldFormatBigNumber: isBig(info.name),
    figures: info.drawn.map((key) => figure(info, key)),
    calc: () => [],
    draw: ({ ctx, bounding, yAxis, chart }) => {
      ctx.save();
      ctx.strokeStyle = chart.getStyles().grid.horizontal.color;
      ctx.setLineDash([4, 4]);
      for (const level of levels) {
        const y = Math.round(yAxis.convertToPixel(level)) + 0.5;
        ctx.beginPath();
        ctx.moveTo(0, y);
        ctx.lineTo(bounding.width, y);
        ctx.stroke();
      }
      ctx.restore();
      return false;
    },
  });
}

function figure(info: IndicatorInfo, key: string): IndicatorFigure<Values> {
  if (key === 'histogram' || info.group === 'pattern') {
    return { key, type: 'bar', baseValue: 0, styles: histogramStyle(key) };
  }
  return { key, type: DOTTED.has(info.name) ? 'circle' : 'line' };
}

function histogramStyle(key: string): HistogramStyle {
  return ({ data, defaultStyles }) => {
    const value = data.current?.[key] ?? 0;
    const bar = defaultStyles?.bars?.[0];
    return { style: 'fill', color: value >= 0 ? bar?.upColor : bar?.downColor };
  };
}
