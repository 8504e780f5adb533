/** Indicators that a person chose for their chart. */
import type { IndicatorInfo } from '$lib/api/types';

export interface Study {
  id: string;
  name: string;
  parameters: Record<string, number>;
  /** The second instrument, of an indicator of two. */
  other?: string;
  /** Kept, but not drawn. */
  hidden?: boolean;
}

export const MOST_STUDIES = 12;

/** What an instrument is measured against unless one chooses another. */
const BENCHMARK = 'SPX';

export const DEFAULT_STUDIES: Study[] = [
  { id: 'sma-1', name: 'sma', parameters: { period: 20 } },
  { id: 'rsi-1', name: 'rsi', parameters: { period: 14 } },
];

export function studyLabel(study: Study): string {
  const parameters = [...(study.other ? [study.other] : []), ...Object.values(study.parameters)];
  return `${study.name.toUpperCase()}${parameters.length ? ` (${parameters.join(', ')})` : ''}`;
}

/** A study of an indicator as the catalogue has it, with an id that none of the others has. */
export function newStudy(info: IndicatorInfo, others: readonly Study[]): Study {
  const taken = new Set(others.map((study) => study.id));
  let number = 1;
  while (taken.has(`${info.name}-${number}`)) number += 1;
  const parameters = Object.fromEntries(info.parameters.map((each) => [each.name, each.default]));
  const other = info.inputs.includes('other') ? { other: BENCHMARK } : {};
  return { id: `${info.name}-${number}`, name: info.name, parameters, ...other };
}

/** Studies of whatever was remembered; what is none is left out. */
export function readStudies(stored: unknown): Study[] {
  if (!Array.isArray(stored)) return DEFAULT_STUDIES;
  const studies = stored.filter(
    (each): each is Study =>
      typeof each?.id === 'string' && typeof each.name === 'string' && typeof each.parameters === 'object',
  );
  return studies.slice(0, MOST_STUDIES);
}

export function replaceStudy(studies: readonly Study[], changed: Study): Study[] {
  return studies.map((each) => (each.id === changed.id ? changed : each));
}
