/** What a chart says in words of one bar. */
import type { Chart } from 'klinecharts';
import type { Companions, ComparisonLegend } from './companions';
import type { Decorations } from './decorations';
import { sourceOf, type ShownBar } from './presentation';
import type { StudyLegend } from './studychart';

export interface Legend {
  /** The bar under the crosshair, else the newest, as it is drawn. */
  bar: ShownBar | null;
  hovered: boolean;
  studies: (StudyLegend & { top: number })[];
  comparisons: ComparisonLegend[];
  /** What the marks at the bar say. */
  marks: string[];
}

/** The legend of the bar at a place; null: of the newest. */
export function legendOf(
  chart: Chart,
  parts: { companions: Companions; decorations: Decorations },
  at: number | null,
): Legend {
  const bars = chart.getDataList() as unknown as ShownBar[];
  const hovered = at === null ? undefined : bars[at];
  const bar = hovered ?? bars.at(-1) ?? null;
  const time = bar ? sourceOf(bar) : null;
  return {
    ...{ bar, hovered: hovered !== undefined },
    studies: parts.companions.studyLegends(hovered ? time : null),
    comparisons: parts.companions.comparisonLegends(time),
    marks: parts.decorations.textsAt(hovered ? (at ?? 0) : bars.length - 1),
  };
}
