/** Which entries are wanted: kept in the page's address, told in words, and asked of the server. */
import { midnight } from './period';

export interface Filter {
  /** A preset such as `7d`, or '' for all time or for what `from` and `to` say. */
  period: string;
  /** Days, as `2026-01-31`; both are in it. */
  from: string;
  to: string;
  by: string;
  about: string;
  act: string;
  type: string;
  id: string;
  outcome: string;
}

export type Query = Partial<
  Record<'start' | 'end' | 'actor_id' | 'person_id' | 'act' | 'object_type' | 'object_id' | 'outcome', string>
>;

export const NAMES = ['period', 'from', 'to', 'by', 'about', 'act', 'type', 'id', 'outcome'] as const;

export const PRESETS: Record<string, { name: string; hours: number }> = {
  '1h': { name: 'The last hour', hours: 1 },
  '24h': { name: 'The last 24 hours', hours: 24 },
  '7d': { name: 'The last 7 days', hours: 7 * 24 },
  '30d': { name: 'The last 30 days', hours: 30 * 24 },
  '90d': { name: 'The last 90 days', hours: 90 * 24 },
};

export const OUTCOMES: Record<string, string> = { done: 'Done', failed: 'Failed', refused: 'Refused' };

// Anything may stand in an address: what the server would refuse is left out.
const SHAPES: Record<(typeof NAMES)[number], RegExp> = {
  period: /^(1h|24h|7d|30d|90d)$/,
  from: /^\d{4}-\d\d-\d\d$/,
  to: /^\d{4}-\d\d-\d\d$/,
  by: /^[0-9a-f-]{36}$/,
  about: /^[0-9a-f-]{36}$/,
  act: /^[a-z0-9_.]{1,120}$/,
  type: /^[a-z0-9_]{1,60}$/,
  id: /^[^\x00]{1,200}$/,
  outcome: /^(done|failed|refused)$/,
};

export function readFilter(address: URLSearchParams): Filter {
  const read = (name: (typeof NAMES)[number]): string => {
    const value = address.get(name) ?? '';
    return SHAPES[name].test(value) ? value : '';
  };
  return Object.fromEntries(NAMES.map((name) => [name, read(name)])) as unknown as Filter;
}

/** The address of the page with other filters: '' takes one away. What else stands in it is about an entry, and goes. */
export function withFilter(filter: Filter, changes: Partial<Filter>): string {
  const address = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, ...changes })) if (value) address.set(name, value);
  const text = address.toString();
  return text ? `?${text}` : '?';
}

/** What to ask the server, at the moment `now`; days begin at midnight in `zone`. */
export function toQuery(filter: Filter, now: number, zone: string | undefined): Query {
  const preset = PRESETS[filter.period];
  const all: Query = {
    start: preset ? new Date(now - preset.hours * 3_600_000).toISOString() : midnight(filter.from, zone),
    end: preset ? '' : midnight(filter.to, zone, 1),
    actor_id: filter.by,
    person_id: filter.about,
    act: filter.act,
    object_type: filter.type,
    object_id: filter.id,
    outcome: filter.outcome,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

export interface Chip {
  name: string;
  /** What takes it away. */
  without: Partial<Filter>;
}

/** The filters that are set, in words. */
export function chips(filter: Filter, name: (id: string) => string, act: (act: string) => string): Chip[] {
  const { period, from, to } = filter;
  const all: [string, Chip][] = [
    [period, { name: PRESETS[period]?.name ?? '', without: { period: '' } }],
    [period ? '' : from, { name: `From ${from}`, without: { from: '' } }],
    [period ? '' : to, { name: `Until ${to}`, without: { to: '' } }],
    [filter.by, { name: `Done by ${name(filter.by)}`, without: { by: '' } }],
    [filter.about, { name: `About ${name(filter.about)}`, without: { about: '' } }],
    [filter.act, { name: act(filter.act), without: { act: '' } }],
    [filter.type, { name: `Object: ${filter.type.replaceAll('_', ' ')}`, without: { type: '' } }],
    [filter.id, { name: `Object id ${filter.id}`, without: { id: '' } }],
    [filter.outcome, { name: OUTCOMES[filter.outcome] ?? '', without: { outcome: '' } }],
  ];
  return all.filter(([set]) => set).map(([, chip]) => chip);
}
