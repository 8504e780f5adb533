/** How messages stand in a room: under their day, and together while one author goes on within five minutes. */
import type { Message } from '$lib/api/types';
import type { Outgoing } from './outgoing';

export const TOGETHER_MS = 5 * 60_000;

export interface Row {
  /** The same for a message on its way out and for what it becomes, so that it stays in its place. */
  key: string;
  message: Message | null;
  outgoing: Outgoing | null;
  /** The name of the day, on its first row. */
  day: string;
  /** Goes on with what the same author said in the row before. */
  joined: boolean;
  /** The row after this one goes on with it. */
  continued: boolean;
}

function keyOf(message: Message, me: string): string {
  return message.author.id === me && message.client_id ? message.client_id : message.id;
}

/** The day as a reader says it: today and yesterday by these words. `now` is when it is read. */
export function dayOf(at: Date, now: Date): string {
  const midnight = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const year = at.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const);
  return at.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', ...(year ? { year } : {}) });
}

/** The time of day, in the reader's own zone. */
export function clockOf(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

interface Said {
  author: string;
  at: Date;
}

function goesOn(before: Said | null, next: Said): boolean {
  return before?.author === next.author && next.at.getTime() - before.at.getTime() < TOGETHER_MS;
}

/** The rows of a room. `outgoing` comes last; each of them was written by `me`. */
export function rowsOf(
  messages: readonly Message[],
  outgoing: readonly Outgoing[],
  me: string,
  now: Date = new Date(),
): Row[] {
  const rows: Row[] = [];
  let before: Said | null = null;
  let today = '';
  const add = (said: Said, plain: boolean, row: Pick<Row, 'key' | 'message' | 'outgoing'>): void => {
    const day = dayOf(said.at, now);
    const joined = plain && day === today && goesOn(before, said);
    const last = rows.at(-1);
    if (joined && last) last.continued = true;
    rows.push({ ...row, day: day === today ? '' : day, joined, continued: false });
    today = day;
    before = plain ? said : null;
  };
  for (const message of messages) {
    // Taken back at once, as if it had not been.
    if (message.status === 'withdrawn' || message.status === 'expired') continue;
    const said = { author: message.author.id, at: new Date(message.created_at) };
    // Each answer of the AI stands alone: it has its own sources, and may begin anew.
    add(said, message.author.kind === 'person', { key: keyOf(message, me), message, outgoing: null });
  }
  for (const each of outgoing) {
    add({ author: me, at: new Date(each.at) }, true, { key: each.clientId, message: null, outgoing: each });
  }
  return rows;
}

/** The same rows, with those of before where nothing changed: what did not change is not drawn again. */
export function keepSame(before: readonly Row[], rows: readonly Row[]): Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  return rows.map((row) => {
    const same = known.get(row.key);
    const parts = ['message', 'outgoing', 'day', 'joined', 'continued'] as const;
    return same && parts.every((part) => same[part] === row[part]) ? same : row;
  });
}
