/** How the chart library draws: our colours, and what each kind of chart looks like. */
import type { CandleType, DeepPartial, Styles } from 'klinecharts';
import { lineColours, type Colours } from './colours';
import type { Kind } from './settings';

const TYPES: Record<Kind, CandleType> = {
  candles: 'candle_solid',
  hollow: 'candle_up_stroke',
  bars: 'ohlc',
  line: 'area',
  area: 'area',
  heikin_ashi: 'candle_solid',
  renko: 'candle_solid',
};

const FONT =
  "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";

function text(colours: Colours) {
  return { color: colours.text3, size: 11, family: FONT, weight: 'normal' };
}

function candle(colours: Colours, kind: Kind): DeepPartial<Styles['candle']> {
  // Studies have the accent.
  const { up, down, text3, text } = colours;
  const plain = { show: false };
  return {
    type: TYPES[kind],
    area: {
      ...{ lineSize: 1.8, lineColor: text, value: 'close', smooth: false },
      backgroundColor: kind === 'area' ? shade(text) : 'transparent',
      point: { show: false },
    },
    bar: {
      ...{ upColor: up, downColor: down, noChangeColor: text3 },
      ...{ upBorderColor: up, downBorderColor: down, noChangeBorderColor: text3 },
      ...{ upWickColor: up, downWickColor: down, noChangeWickColor: text3 },
    },
    priceMark: {
      high: { ...plain, color: text3, textFamily: FONT },
      low: { ...plain, color: text3, textFamily: FONT },
      last: {
        ...{ upColor: up, downColor: down, noChangeColor: text3 },
        text: { color: colours.bg, family: FONT, size: 11, paddingLeft: 4, paddingRight: 4, borderRadius: 3 },
      },
    },
    tooltip: { showRule: 'none' },
  };
}

/** The colour fading towards the bottom. */
function shade(colour: string): { offset: number; color: string }[] {
  return [
    { offset: 0, color: `${colour}55` },
    { offset: 1, color: `${colour}05` },
  ];
}

function indicator(colours: Colours): DeepPartial<Styles['indicator']> {
  const { up, down, text3 } = colours;
  const faded = { upColor: `${up}99`, downColor: `${down}99`, noChangeColor: `${text3}99` };
  return {
    ohlc: { upColor: up, downColor: down, noChangeColor: text3 },
    bars: [{ style: 'fill', borderStyle: 'solid', borderSize: 0, ...faded }],
    lines: lineColours(colours).map((color) => ({ style: 'solid', size: 1.5, color, smooth: false })),
    lastValueMark: { show: false },
    // The page writes the legends, so that they can be read, and worked with by keyboard.
    tooltip: { showRule: 'none' },
  };
}

export function chartStyles(colours: Colours, kind: Kind): DeepPartial<Styles> {
  const mark = { color: colours.bg, backgroundColor: colours.text2, borderColor: colours.text2 };
  const crosshair = {
    line: { color: colours.text3, size: 1, dashedValue: [3, 3] },
    text: { ...mark, family: FONT, size: 11, borderRadius: 3 },
  };
  const axis = {
    axisLine: { color: colours.line },
    tickLine: { show: false },
    tickText: text(colours),
  };
  return {
    grid: {
      horizontal: { color: colours.line, size: 1, style: 'solid' },
      vertical: { show: false },
    },
    candle: candle(colours, kind),
    indicator: indicator(colours),
    xAxis: axis,
    yAxis: { ...axis, axisLine: { show: false } },
    separator: { size: 1, color: colours.line, activeBackgroundColor: `${colours.accent}22` },
    crosshair: { horizontal: crosshair, vertical: crosshair },
    overlay: {
      point: { color: colours.accent, borderColor: `${colours.accent}55`, activeColor: colours.accent },
      line: { color: colours.accent, size: 1.5 },
      text: { color: colours.bg, backgroundColor: colours.accent, family: FONT, size: 11 },
    },
  };
}
