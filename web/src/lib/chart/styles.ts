/** How the chart library draws: our colours, hollow candles for up and filled ones for down. */
import type { DeepPartial, Styles } from 'klinecharts';
import { lineColours, type Colours } from './colours';

const FONT =
  "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";
/** As the legend above the chart begins. */
const LEGEND_LEFT = 12;

function text(colours: Colours) {
  return { color: colours.text3, size: 11, family: FONT, weight: 'normal' };
}

function candle(colours: Colours): DeepPartial<Styles['candle']> {
  const { up, down, text3 } = colours;
  const plain = { show: false };
  return {
    type: 'candle_up_stroke',
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
    tooltip: { showRule: 'none', offsetLeft: LEGEND_LEFT },
  };
}

function indicator(colours: Colours): DeepPartial<Styles['indicator']> {
  const { up, down, text3 } = colours;
  const faded = { upColor: `${up}99`, downColor: `${down}99`, noChangeColor: `${text3}99` };
  return {
    ohlc: { upColor: up, downColor: down, noChangeColor: text3 },
    bars: [{ style: 'fill', borderStyle: 'solid', borderSize: 0, ...faded }],
    lines: lineColours(colours).map((color) => ({ style: 'solid', size: 1.5, color, smooth: false })),
    lastValueMark: { show: false },
    tooltip: {
      showRule: 'always',
      showType: 'standard',
      offsetLeft: LEGEND_LEFT,
      offsetTop: 6,
      title: { ...text(colours), color: colours.text2, showParams: false, marginLeft: 0 },
      legend: { ...text(colours), defaultValue: '–' },
    },
  };
}

export function chartStyles(colours: Colours): DeepPartial<Styles> {
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
    candle: candle(colours),
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
