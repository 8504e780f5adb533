/** Days as moments, in a person's time zone. */

/** The moment at which a day such as `2026-01-31` begins in a zone, `after` days later; '' for what is no day. */
export function midnight(day: string, zone: string | undefined, after = 0): string {
  const wall = Date.parse(`${day}T00:00:00Z`) + after * 86_400_000;
  if (Number.isNaN(wall)) return '';
  // The offset there at that time: guessed once, then once more, for it may change between the two.
  const guess = wall - offset(wall, zone);
  return new Date(wall - offset(guess, zone)).toISOString();
}

/** The day of a moment in a zone. */
export function dayOf(moment: number, zone: string | undefined): string {
  return new Date(moment + offset(moment, zone)).toISOString().slice(0, 10);
}

function offset(moment: number, zone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: known(zone),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(moment);
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(moment / 1000) * 1000;
}

/** A zone that the browser does not know counts as its own. */
function known(zone: string | undefined): string | undefined {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return zone || undefined;
  } catch {
    return undefined;
  }
}
