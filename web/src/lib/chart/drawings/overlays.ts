/** How each kind of drawing looks, told to the chart library. */
import {
  registerOverlay,
  type Coordinate,
  type OverlayCreateFiguresCallbackParams,
  type OverlayFigure,
} from 'klinecharts';
import { formatChange, formatPercent, formatPrice } from '$lib/format/number';
import { DASHES, TOOLS, rewardToRisk, sideOf, type DrawingKind, type Point, type Style } from './model';

/** What an overlay knows of its drawing. */
export interface Look {
  style: Style;
  /** The shade of its colour in the theme that is on. */
  colour: string;
  background: string;
  up: string;
  down: string;
  text: string;
}

type Params = OverlayCreateFiguresCallbackParams<Look>;
type Draw = (params: Params, look: Look) => OverlayFigure[];

export const FIBONACCI = [0, 0.236, 0.382, 0.5, 0.618, 0.786, 1, 1.618] as const;

export function overlayName(kind: DrawingKind): string {
  return `outcry.${kind}`;
}

function line(look: Look, coordinates: Coordinate[], faint = false): OverlayFigure {
  const dash = faint ? [3, 4] : DASHES[look.style.dash];
  const styles = {
    style: dash.length ? 'dashed' : 'solid',
    dashedValue: dash,
    size: faint ? 1 : look.style.width,
    color: look.colour,
  };
  return { type: 'line', attrs: { coordinates }, styles };
}

function label(look: Look, x: number, y: number, text: string, more: object = {}): OverlayFigure {
  const styles = { color: look.colour, backgroundColor: 'transparent', paddingLeft: 4, paddingRight: 4, size: 11 };
  return { type: 'text', attrs: { x, y, text, baseline: 'bottom', ...more }, styles, ignoreEvent: true };
}

function box(from: Coordinate, to: Coordinate, colour: string, border: string | null): OverlayFigure {
  const coordinates = [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }];
  const styles = {
    style: border ? 'stroke_fill' : 'fill',
    color: `${colour}22`,
    borderColor: border ?? colour,
    borderSize: border ? 1 : 0,
  };
  return { type: 'polygon', attrs: { coordinates }, styles };
}

function onwards(from: Coordinate, to: Coordinate, width: number): Coordinate {
  if (from.x === to.x) return { x: to.x, y: to.y > from.y ? 10_000 : -10_000 };
  const x = to.x > from.x ? width : 0;
  return { x, y: from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x) };
}

/** The points as times and prices; a place that is still being chosen may lack some. */
function pointsOf({ overlay }: Params): Point[] {
  return overlay.points.map((point) => ({ time: point.timestamp ?? 0, price: point.value ?? 0 }));
}

const DRAW: Record<DrawingKind, Draw> = {
  trend_line: ({ coordinates }, look) => [line(look, coordinates.slice(0, 2))],
  ray: ({ coordinates: [from, to], bounding }, look) =>
    from && to ? [line(look, [from, onwards(from, to, bounding.width)])] : [],
  horizontal: (params, look) => {
    const [at] = params.coordinates;
    if (!at) return [];
    const { width } = params.bounding;
    const price = formatPrice(pointsOf(params)[0]?.price);
    return [
      line(look, [
        { x: 0, y: at.y },
        { x: width, y: at.y },
      ]),
      label(look, width - 4, at.y - 2, price, { align: 'right' }),
    ];
  },
  channel: ({ coordinates: [from, to, through] }, look) => {
    if (!from || !to) return [];
    if (!through) return [line(look, [from, to])];
    const slope = to.x === from.x ? 0 : (to.y - from.y) / (to.x - from.x);
    const by = through.y - (from.y + slope * (through.x - from.x));
    const [low, high] = [
      { x: from.x, y: from.y + by },
      { x: to.x, y: to.y + by },
    ];
    const styles = { style: 'fill', color: `${look.colour}1a` };
    const fill = { type: 'polygon', attrs: { coordinates: [from, to, high, low] }, styles };
    const middle = line(
      look,
      [
        { x: from.x, y: from.y + by / 2 },
        { x: to.x, y: to.y + by / 2 },
      ],
      true,
    );
    return [fill, line(look, [from, to]), line(look, [low, high]), middle];
  },
  fibonacci: (params, look) => {
    const [from, to] = params.coordinates;
    const [begun, ended] = pointsOf(params);
    if (!from || !to || !begun || !ended) return [];
    const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
    return FIBONACCI.flatMap((level) => {
      const price = ended.price + (begun.price - ended.price) * level;
      const y = params.yAxis?.convertToPixel(price) ?? 0;
      const ends = [
        { x: left, y },
        { x: Math.max(right, left + 60), y },
      ];
      return [line(look, ends), label(look, left, y - 1, `${level} · ${formatPrice(price)}`)];
    });
  },
  rectangle: ({ coordinates: [from, to] }, look) => (from && to ? [box(from, to, look.colour, look.colour)] : []),
  text: ({ coordinates: [at] }, look) => {
    if (!at) return [];
    const styles = {
      ...{ color: look.colour, size: 11 + look.style.width, backgroundColor: look.background },
      ...{ borderColor: look.colour, borderSize: 1, borderRadius: 4, style: 'stroke_fill' },
      ...{ paddingLeft: 6, paddingRight: 6, paddingTop: 3, paddingBottom: 3 },
    };
    const lines = (look.text || '…').split('\n').slice(0, 12);
    const step = 20 + look.style.width;
    return lines.map((text, index) => ({
      type: 'text',
      attrs: { x: at.x, y: at.y + index * step, text, baseline: 'top' },
      styles,
    }));
  },
  measure: (params, look) => {
    const [from, to] = params.coordinates;
    const [begun, ended] = pointsOf(params);
    if (!from || !to || !begun || !ended) return [];
    const change = ended.price - begun.price;
    const bars = Math.round((to.x - from.x) / params.chart.getBarSpace().bar);
    const percent = begun.price ? formatPercent((change / begun.price) * 100) : '–';
    const colour = change >= 0 ? look.up : look.down;
    const said = `${formatChange(change)} (${percent}) · ${bars} bars`;
    const styles = { color: look.background, backgroundColor: colour, size: 11, borderRadius: 4 };
    const padding = { paddingLeft: 6, paddingRight: 6, paddingTop: 3, paddingBottom: 3 };
    const middle = (from.x + to.x) / 2;
    const text = { x: middle, y: to.y + (change >= 0 ? -6 : 6), text: said, align: 'center' };
    const baseline = change >= 0 ? 'bottom' : 'top';
    return [
      box(from, to, colour, null),
      {
        ...line({ ...look, colour }, [
          { x: middle, y: from.y },
          { x: middle, y: to.y },
        ]),
      },
      { type: 'text', attrs: { ...text, baseline }, styles: { ...styles, ...padding } },
    ];
  },
  position: (params, look) => {
    const [entry, stop, target] = params.coordinates;
    if (!entry || !stop) return [];
    const right = Math.max(entry.x, stop.x, target?.x ?? 0, entry.x + 60);
    const risk = box(entry, { x: right, y: stop.y }, look.down, look.down);
    if (!target) return [risk];
    const points = pointsOf(params);
    const ratio = rewardToRisk(points);
    const side = sideOf(points);
    const said = side ? `${side} · ${ratio?.toFixed(2)} to 1` : 'the entry lies between stop and target';
    return [
      risk,
      box(entry, { x: right, y: target.y }, look.up, look.up),
      line({ ...look, style: { ...look.style, dash: 'solid' } }, [entry, { x: right, y: entry.y }]),
      label(look, entry.x, entry.y - 1, said),
    ];
  },
};

let registered = false;

export function registerDrawings(): void {
  if (registered) return;
  registered = true;
  for (const { kind, clicks } of TOOLS) {
    registerOverlay<Look>({
      name: overlayName(kind),
      totalStep: clicks.length + 1,
      needDefaultPointFigure: true,
      createPointFigures: (params) => DRAW[kind](params, params.overlay.extendData),
    });
  }
}
