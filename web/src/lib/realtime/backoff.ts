/**
 * How long to wait before the next try, in milliseconds: anything up to a limit that doubles to half a minute, so that
 * those who were cut at once come back spread out ("full jitter").
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.round(Math.min(30_000, 500 * 2 ** Math.min(attempt, 10)) * random());
}
