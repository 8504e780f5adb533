/** A chart as it is kept by the server (a layout, a template, a share), and as it stands on the page. */
import type { ChartLayout, Timeframe } from '$lib/api/types';
import { DEFAULT_SETTINGS, MOST_COMPARED, type ChartSettings, type ZoneName } from './settings';
import { MOST_STUDIES, type Study } from './studies';

export interface Arrangement {
  settings: ChartSettings;
  studies: Study[];
  compared: string[];
  /** The formula whose hits are marked; empty for none. */
  formula: string;
}

const ZONES: Record<ZoneName, string> = { exchange: 'exchange', utc: 'UTC', mine: 'local' };

export function toLayout(
  arrangement: Arrangement,
  chart: { symbol: string; timeframe: Timeframe } | null,
): ChartLayout {
  const { settings, studies, compared, formula } = arrangement;
  return {
    symbol: chart?.symbol ?? null,
    timeframe: chart?.timeframe ?? null,
    chart_type: settings.kind,
    scale: settings.scale,
    zone: ZONES[settings.zone],
    studies: studies.map((study) => ({
      ...{ name: study.name, parameters: study.parameters, pane: '', styles: [] },
      other: study.other ?? null,
      visible: !study.hidden,
    })),
    panes: [],
    compare: chart ? compared : [],
    formulas: formula ? [{ text: formula, visible: true }] : [],
    visibility: {
      ...{ volume: settings.volume, sessions: settings.sessions, quality: settings.quality },
      ...{ drawings: true, grid: true, legend: true },
    },
  };
}

function zoneOf(zone: string): ZoneName {
  if (zone === 'local') return 'mine';
  return zone === 'UTC' ? 'utc' : 'exchange';
}

type Visibility = NonNullable<ChartLayout['visibility']>;

function flags({ volume, sessions, quality }: Visibility): Pick<ChartSettings, 'volume' | 'sessions' | 'quality'> {
  return { volume, sessions, quality };
}

/** What a layout asks for; what it does not say stays as it is. */
export function fromLayout(layout: ChartLayout, now: ChartSettings = DEFAULT_SETTINGS): Arrangement {
  const counts = new Map<string, number>();
  const studies = layout.studies.slice(0, MOST_STUDIES).map((each): Study => {
    const number = (counts.get(each.name) ?? 0) + 1;
    counts.set(each.name, number);
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
      ...(layout.visibility ? flags(layout.visibility) : {}),
    },
    studies,
    compared: layout.compare.slice(0, MOST_COMPARED),
    formula: layout.formulas.find((each) => each.visible)?.text ?? '',
  };
}
