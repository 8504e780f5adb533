/** The page of a symbol's chart. */
export function chartPath(symbol: string): string {
  return `/chart/${encodeURIComponent(symbol)}`;
}
