/** A chart as it is kept by the server (a layout, a template, a share), and as it stands on the page. */
import type { ChartLayout, Timeframe } from '$lib/api/types';
import { DEFAULT_SETTINGS, MOST_COMPARED, type ChartSettings, type ZoneName } from './settings';
import { MOST_STUDIES, type Study } from './studies';

/** How high a pane is, as a part of the chart, and whether it is folded to its name. */
export interface PaneState {
  height: number;
  folded: boolean;
}

/** Panes that somebody changed, by the id of their study; and `volume`. */
export type Panes = Readonly<Record<string, PaneState>>;

export interface Arrangement {
  settings: ChartSettings;
  studies: Study[];
  panes: Panes;
  compared: string[];
  /** The formula whose hits are marked; empty for none. */
  formula: string;
}

/** What the pane of the volume is called among the panes. */
export const VOLUME = 'volume';
const PANE_ID = /^[A-Za-z0-9_-]{1,32}$/;
const ZONES: Record<ZoneName, string> = { exchange: 'exchange', utc: 'UTC', mine: 'local' };

export function toLayout(
  arrangement: Arrangement,
  chart: { symbol: string; timeframe: Timeframe } | null,
): ChartLayout {
  const { settings, studies, compared, formula } = arrangement;
  const kept = new Set([VOLUME, ...studies.map((study) => study.id)]);
  const panes = Object.entries(arrangement.panes).filter(([id]) => kept.has(id) && PANE_ID.test(id));
  const named = new Set(panes.map(([id]) => id));
  return {
    symbol: chart?.symbol ?? null,
    timeframe: chart?.timeframe ?? null,
    chart_type: settings.kind,
    scale: settings.scale,
    adjustment: settings.adjustment,
    renko_box: settings.renkoBox,
    zone: ZONES[settings.zone],
    studies: studies.map((study) => ({
      ...{ name: study.name, parameters: study.parameters, styles: [] },
      pane: named.has(study.id) ? study.id : '',
      other: study.other ?? null,
      visible: !study.hidden,
    })),
    panes: panes.map(([id, pane]) => ({ id, height: pane.height, collapsed: pane.folded })),
    compare: chart ? compared : [],
    formulas: formula ? [{ text: formula, visible: true }] : [],
    visibility: {
      ...flags(settings),
      ...{ drawings: true, grid: true, legend: true },
    },
  };
}

function zoneOf(zone: string): ZoneName {
  if (zone === 'local') return 'mine';
  return zone === 'UTC' ? 'utc' : 'exchange';
}

type Visibility = NonNullable<ChartLayout['visibility']>;

type Flags = Pick<ChartSettings, 'volume' | 'sessions' | 'quality' | 'gaps' | 'profile'>;

function flags({ volume, sessions, quality, gaps, profile }: Visibility | ChartSettings): Flags {
  return { volume, sessions, quality, gaps, profile };
}

/** What a layout asks for; what it does not say stays as it is. */
export function fromLayout(layout: ChartLayout, now: ChartSettings = DEFAULT_SETTINGS): Arrangement {
  const counts = new Map<string, number>();
  const panes: Record<string, PaneState> = {};
  const keep = (id: string, name: string): void => {
    const pane = layout.panes.find((each) => each.id === name);
    if (pane) panes[id] = { height: pane.height, folded: pane.collapsed };
  };
  keep(VOLUME, VOLUME);
  const studies = layout.studies.slice(0, MOST_STUDIES).map((each): Study => {
    const number = (counts.get(each.name) ?? 0) + 1;
    counts.set(each.name, number);
    if (each.pane) keep(`${each.name}-${number}`, each.pane);
    return {
      ...{ id: `${each.name}-${number}`, name: each.name, parameters: each.parameters ?? {} },
      ...(each.other ? { other: each.other } : {}),
      ...(each.visible ? {} : { hidden: true }),
    };
  });
  return {
    settings: {
      ...now,
      ...{ kind: layout.chart_type, scale: layout.scale, zone: zoneOf(layout.zone) },
      ...{ adjustment: layout.adjustment, renkoBox: layout.renko_box ?? null },
      ...(layout.visibility ? flags(layout.visibility) : {}),
    },
    studies,
    panes,
    compared: layout.compare.slice(0, MOST_COMPARED),
    formula: layout.formulas.find((each) => each.visible)?.text ?? '',
  };
}
