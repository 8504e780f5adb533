/** What a reader looks at stays where it is, whatever comes or goes above it: older messages, pictures, a longer answer. */

export interface Place {
  row: HTMLElement;
  /** From the top of the scrolled part to the top of the row, in pixels. */
  top: number;
}

/** How near to the end counts as being there, in pixels. */
export const AT_END = 60;

/** The index of the first row that ends below a height, in a list from top to bottom; the length when none does. */
export function firstBelow(count: number, bottomOf: (index: number) => number, height: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bottomOf(middle) > height) high = middle;
    else low = middle + 1;
  }
  return low;
}

function topOf(row: HTMLElement, scroller: HTMLElement): number {
  return row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
}

/** The first row that is in sight. */
export function placeOf(scroller: HTMLElement, rows: readonly HTMLElement[]): Place | null {
  const edge = scroller.getBoundingClientRect().top;
  const index = firstBelow(rows.length, (at) => rows[at]?.getBoundingClientRect().bottom ?? 0, edge + 1);
  const row = rows[index];
  return row ? { row, top: topOf(row, scroller) } : null;
}

/** Scroll so that a row is where it was; false when it is gone. */
export function goBackTo(place: Place, scroller: HTMLElement): boolean {
  if (!place.row.isConnected) return false;
  const moved = topOf(place.row, scroller) - place.top;
  if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
  return true;
}

export function fromEnd(scroller: HTMLElement): number {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
}
