/** How a live feed goes, in words. */
import { api, call } from '$lib/api/client';
import type { FeedStatus } from '$lib/api/types';
import { formatExact } from '$lib/format/number';
import { ago } from '$lib/format/time';

export interface Fact {
  name: string;
  value: string;
  /** Whether somebody should look into it. */
  doubtful?: boolean;
}

export function fetchFeeds(): Promise<FeedStatus[]> {
  return call(api.GET('/api/v1/feeds'));
}

/** How old prices are when they come; a clock that is behind the market's makes it less than nothing. */
export function lag(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  const size = Math.max(0, milliseconds);
  if (size < 999.5) return `${Math.round(size)} ms`;
  if (size < 59_950) return `${(size / 1000).toFixed(1)} s`;
  return `${Math.round(size / 60_000)} min`;
}

/** Whether it is connected; if not, why, in a few words. */
export function standing(feed: FeedStatus): string {
  if (feed.connected) return 'Connected';
  return feed.problem ? `Not connected: ${feed.problem.replace(/\.$/, '')}` : 'Connecting';
}

export function facts(feed: FeedStatus, now = Date.now()): Fact[] {
  return [
    { name: 'Symbols', value: formatExact(feed.symbols.length) },
    { name: 'Lag', value: lag(feed.lag_ms) },
    { name: 'Heard', value: feed.heard_at ? ago(feed.heard_at, null, now) : 'not yet' },
    { name: 'Reconnects', value: formatExact(feed.reconnects) },
    { name: 'Late', value: formatExact(feed.late) },
    { name: 'Refused', value: formatExact(feed.refused) },
    { name: 'Gaps left', value: formatExact(feed.unfilled), doubtful: feed.unfilled > 0 },
  ];
}
