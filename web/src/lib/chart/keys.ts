/** What the keys do on the chart page. */

export type Act =
  | { name: 'pan'; bars: number }
  | { name: 'page'; pages: number }
  | { name: 'zoom'; steps: number }
  | { name: 'search' | 'escape' | 'newest' | 'oldest' | 'undo' | 'redo' | 'remove' }
  | { name: 'raise' | 'select' | 'step'; by: number }
  | { name: 'place' }
  | { name: 'play' };

const PLAIN: Record<string, Act> = {
  ArrowLeft: { name: 'pan', bars: -3 },
  ArrowRight: { name: 'pan', bars: 3 },
  ArrowUp: { name: 'raise', by: 1 },
  ArrowDown: { name: 'raise', by: -1 },
  Enter: { name: 'place' },
  d: { name: 'select', by: 1 },
  D: { name: 'select', by: -1 },
  PageUp: { name: 'page', pages: -1 },
  PageDown: { name: 'page', pages: 1 },
  '+': { name: 'zoom', steps: 1 },
  '=': { name: 'zoom', steps: 1 },
  '-': { name: 'zoom', steps: -1 },
  '/': { name: 'search' },
  Escape: { name: 'escape' },
  End: { name: 'newest' },
  Home: { name: 'oldest' },
  Delete: { name: 'remove' },
  Backspace: { name: 'remove' },
  ',': { name: 'step', by: -1 },
  '.': { name: 'step', by: 1 },
  ' ': { name: 'play' },
};

interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The act of a key, or null when it is not the chart's. */
export function actOf(event: Key): Act | null {
  if (event.altKey) return null;
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase();
    if (key === 'z') return { name: event.shiftKey ? 'redo' : 'undo' };
    return key === 'y' ? { name: 'redo' } : null;
  }
  if (event.key === 'ArrowLeft' && event.shiftKey) return { name: 'pan', bars: -15 };
  if (event.key === 'ArrowRight' && event.shiftKey) return { name: 'pan', bars: 15 };
  if (event.key === 'ArrowUp' && event.shiftKey) return { name: 'raise', by: 10 };
  if (event.key === 'ArrowDown' && event.shiftKey) return { name: 'raise', by: -10 };
  return PLAIN[event.key] ?? null;
}

const WRITES = 'input, textarea, select, [contenteditable], dialog[open], [role="menu"], [role="listbox"]';

/** Whether a key pressed here is the chart's, and not a field's or an open dialog's. */
export function isForChart(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || document.querySelector('dialog[open]')) return false;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(WRITES)) return false;
  // Space and Enter press the button that has the focus.
  return ![' ', 'Enter'].includes(event.key) || !target?.closest('button, a, summary, [role="button"]');
}
