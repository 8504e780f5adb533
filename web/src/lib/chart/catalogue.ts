/** Finding an indicator among many. */
import type { IndicatorInfo } from '$lib/api/types';

export interface Group {
  name: string;
  infos: IndicatorInfo[];
}

function groupOf(info: IndicatorInfo): string {
  return info.group.charAt(0).toUpperCase() + info.group.slice(1).replaceAll('_', ' ');
}

/** How well an indicator fits: less is better, null is not at all. */
export function fit(info: IndicatorInfo, query: string): number | null {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const [name, title, summary] = [info.name, info.title, info.summary].map((text) => text.toLowerCase());
  let worst = 0;
  for (const word of words) {
    const at = name === word ? 0 : name?.startsWith(word) ? 1 : title?.includes(word) ? 2 : null;
    const place = at ?? (name?.includes(word) || groupOf(info).toLowerCase().includes(word) ? 3 : null);
    const found = place ?? (summary?.includes(word) ? 4 : null);
    if (found === null) return null;
    worst = Math.max(worst, found);
  }
  return worst;
}

/** What fits, in groups as the catalogue has them, favourites first; while searching one list, best first. */
export function arrange(catalogue: readonly IndicatorInfo[], query: string, favourites: readonly string[]): Group[] {
  if (query.trim()) {
    const scored = catalogue.map((info) => ({ info, score: fit(info, query) })).filter((each) => each.score !== null);
    const infos = scored.sort((a, b) => (a.score ?? 0) - (b.score ?? 0)).map((each) => each.info);
    return infos.length ? [{ name: 'Found', infos }] : [];
  }
  const loved = favourites.flatMap((name) => catalogue.find((info) => info.name === name) ?? []);
  const groups = new Map<string, IndicatorInfo[]>(loved.length ? [['Favourites', loved]] : []);
  for (const info of catalogue) {
    // Each is in the list once, so that the arrow keys go through it in order.
    if (!loved.includes(info)) groups.set(groupOf(info), [...(groups.get(groupOf(info)) ?? []), info]);
  }
  return [...groups].map(([name, infos]) => ({ name, infos }));
}
