/** Indicators on a chart. Their values come from the server, so that they equal those in the answers. */
import { registerIndicator, type Chart, type IndicatorCreate, type KLineData } from 'klinecharts';
import { api, call } from '$lib/api/client';
import { formatChange, formatCompact } from '$lib/format/number';
import type { IndicatorInfo, IndicatorSeries, Timeframe } from '$lib/api/types';

/** One indicator that a person chose. */
export interface Study {
  id: string;
  name: string;
  parameters: Record<string, number>;
}

type Values = Record<string, number | null>;

export const DEFAULT_STUDIES: Study[] = [
  { id: 'sma-1', name: 'sma', parameters: { period: 20 } },
  { id: 'rsi-1', name: 'rsi', parameters: { period: 14 } },
];

const LEVELS: Record<string, number[]> = { rsi: [30, 70], mfi: [20, 80], stoch: [20, 80], cci: [-100, 100] };
const PANE_HEIGHT = 110;

export function studyLabel(study: Study): string {
  const parameters = Object.values(study.parameters);
  return `${study.name.toUpperCase()}${parameters.length ? ` (${parameters.join(', ')})` : ''}`;
}

function templateName(name: string): string {
  return `outcry.${name}`;
}

const registered = new Set<string>();

/** Tell the chart library what an indicator of the server's catalogue looks like. */
function register(info: IndicatorInfo): void {
  if (registered.has(info.name)) return;
  registered.add(info.name);
  const levels = LEVELS[info.name] ?? [];
  const bounded = ['rsi', 'mfi', 'stoch', 'adx'].includes(info.name);
  registerIndicator<Values>({
    name: templateName(info.name),
    shortName: info.name.toUpperCase(),
    precision: 2,
    series: info.overlay ? 'price' : 'normal',
    ...(bounded ? { minValue: 0, maxValue: 100 } : {}),
    shouldFormatBigNumber: info.name === 'obv',
    figures: info.drawn.map((key) =>
      key === 'histogram'
        ? { key, title: `${key} `, type: 'bar', baseValue: 0, styles: histogramStyle }
        : { key, title: info.outputs.length > 1 ? `${key} ` : '', type: 'line' },
    ),
    calc: () => [],
    createTooltipDataSource: (source) => tooltip(info, source),
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

function histogramStyle({ data, defaultStyles }: Parameters<HistogramStyle>[0]): ReturnType<HistogramStyle> {
  const value = data.current?.histogram ?? 0;
  const bar = defaultStyles?.bars?.[0];
  return { style: 'fill', color: value >= 0 ? bar?.upColor : bar?.downColor };
}

type HistogramStyle = NonNullable<
  NonNullable<Parameters<typeof registerIndicator<Values>>[0]['figures']>[number]['styles']
>;

type TooltipSource = NonNullable<Parameters<typeof registerIndicator<Values>>[0]['createTooltipDataSource']>;

/** The values under the crosshair; at the bar that still moves, the newest ones that are known. */
function tooltip(
  info: IndicatorInfo,
  { chart, indicator, crosshair }: Parameters<TooltipSource>[0],
): ReturnType<TooltipSource> {
  const last = indicator.result.length - 1;
  const at = crosshair.dataIndex ?? last;
  const known = at >= last ? indicator.result.findLast((values) => Object.keys(values).length > 0) : undefined;
  const values = known ?? indicator.result[at] ?? {};
  const lines = indicator.styles?.lines ?? chart.getStyles().indicator.lines;
  const legends = info.outputs.map((key, index) => {
    const value = values[key];
    const color = lines[index % lines.length]?.color ?? '';
    const text = value === undefined || value === null ? '–' : formatValue(value, indicator.shouldFormatBigNumber);
    return { title: { text: info.outputs.length > 1 ? `${key} ` : '', color }, value: { text, color } };
  });
  return { name: indicator.shortName, calcParamsText: '', features: [], legends };
}

function formatValue(value: number, big: boolean): string {
  return big ? formatCompact(value) : formatChange(value).replace('+', '');
}

interface Window {
  start?: string;
  end?: string;
  limit: number;
}

function fetchStudy(symbol: string, timeframe: Timeframe, study: Study, window: Window): Promise<IndicatorSeries> {
  const query = { timeframe, ...window, ...study.parameters };
  const path = { symbol, name: study.name };
  return call(api.GET('/api/v1/instruments/{symbol}/indicators/{name}', { params: { path, query } }));
}

/** One study on one chart: its values by time, fetched as the bars are. */
export class StudyOnChart {
  readonly study: Study;
  #chart: Chart;
  #symbol: string;
  #timeframe: Timeframe;
  #values = new Map<number, Values>();
  #oldest: number | null = null;
  #generation = 0;
  /** Values from this time on are not known yet: their bars are still to come, or moving. */
  hiddenFrom = Number.POSITIVE_INFINITY;
  onError: (error: unknown) => void = () => undefined;

  constructor(chart: Chart, info: IndicatorInfo, study: Study, symbol: string, timeframe: Timeframe, colour: string) {
    this.#chart = chart;
    this.#symbol = symbol;
    this.#timeframe = timeframe;
    this.study = study;
    register(info);
    const create: IndicatorCreate<Values> = {
      name: templateName(study.name),
      id: study.id,
      shortName: studyLabel(study),
      calcParams: [],
      calc: this.#calc(),
      paneId: info.overlay ? 'candle_pane' : `pane.${study.id}`,
      ...(info.outputs.length === 1 ? { styles: { lines: [{ color: colour }] } } : {}),
    };
    chart.createIndicator(create as IndicatorCreate, info.overlay);
    if (!info.overlay) chart.setPaneOptions({ id: `pane.${study.id}`, height: PANE_HEIGHT, minHeight: 60 });
  }

  remove(): void {
    this.#generation += 1;
    this.#chart.removeIndicator({ id: this.study.id });
  }

  /** Fetch the values of the bars that are loaded; only those before the oldest known when some are. */
  async cover(oldest: number, count: number): Promise<void> {
    if (this.#oldest !== null && oldest >= this.#oldest) return;
    const generation = this.#generation;
    const window: Window = {
      start: new Date(oldest).toISOString(),
      limit: Math.min(5000, Math.max(1, count)),
      ...(this.#oldest === null ? {} : { end: new Date(this.#oldest).toISOString() }),
    };
    try {
      const series = await fetchStudy(this.#symbol, this.#timeframe, this.study, window);
      if (generation !== this.#generation) return;
      this.#take(series);
      this.#oldest = series.time[0] ?? oldest;
      this.redraw();
    } catch (error) {
      this.onError(error);
    }
  }

  redraw(): void {
    this.#chart.overrideIndicator({
      name: templateName(this.study.name),
      id: this.study.id,
      calc: this.#calc(),
    } as IndicatorCreate);
  }

  #take(series: IndicatorSeries): void {
    const outputs = Object.entries(series.values);
    series.time.forEach((time, index) => {
      this.#values.set(time, Object.fromEntries(outputs.map(([name, list]) => [name, list[index] ?? null])));
    });
  }

  /** A new function each time: this is what makes the library compute again. */
  #calc(): (bars: KLineData[]) => Values[] {
    return (bars) => bars.map((bar) => this.#at(bar.timestamp));
  }

  #at(time: number): Values {
    const values = time < this.hiddenFrom ? this.#values.get(time) : undefined;
    // The library draws a gap only where a value is missing altogether.
    return Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== null));
  }
}
