/** What may be meant behind from: and in: in the field of the search. */
import { api, call } from '$lib/api/client';
import type { Room } from '$lib/api/types';
import { filterRooms } from './arranging';
import type { Completion } from './completion';
import { roomName } from './naming';

export interface FilterWord {
  name: 'from' | 'in';
  /** What stands behind it so far, without quotation marks. */
  word: string;
  start: number;
  end: number;
}

const MOST = 8;
const BEFORE = /(?:^|\s)(from|in):(?:"([^"]*)|([^\s"]*))$/i;

/** The filter that the caret stands behind; null where none is. */
export function filterAt(text: string, caret: number): FilterWord | null {
  const found = BEFORE.exec(text.slice(0, caret));
  if (!found?.[1]) return null;
  const name = found[1].toLowerCase() as FilterWord['name'];
  const rest = found[2] === undefined ? /^[^\s"]*/.exec(text.slice(caret)) : /^[^"]*"?/.exec(text.slice(caret));
  const start = caret - found[0].trimStart().length;
  return { name, word: found[2] ?? found[3] ?? '', start, end: caret + (rest?.[0].length ?? 0) };
}

function quoted(name: string): string {
  const plain = name.replaceAll('"', ' ').replace(/\s+/g, ' ').trim();
  return /\s/.test(plain) ? `"${plain}"` : plain;
}

/** Rooms by their title, and direct ones by the other person. */
export function findRooms(rooms: readonly Room[], word: string, me: string | undefined): Completion[] {
  const named = rooms.filter((room) => room.title || room.kind === 'direct');
  return filterRooms(named, word, me)
    .slice(0, MOST)
    .map((room) => ({ insert: `in:${quoted(roomName(room, me))}`, label: roomName(room, me) }));
}

/** Topics by words of their title. */
export async function findTopics(word: string, signal: AbortSignal): Promise<Completion[]> {
  if (!word) return [];
  const query = { words: word, limit: MOST };
  const found = await call(api.GET('/api/v1/topics', { params: { query }, signal })).catch(() => []);
  return found.map((each) => ({
    insert: `in:${quoted(each.title)}`,
    label: each.title,
    detail: each.room_title ? `topic in ${each.room_title}` : 'topic',
  }));
}

/** Rooms and then topics, as many as fit; what has the name of another one is offered once. */
export function withTopics(rooms: readonly Completion[], topics: readonly Completion[]): Completion[] {
  const kept = rooms.slice(0, Math.max(MOST / 2, MOST - topics.length));
  const known = new Set(kept.map((each) => each.insert));
  return [...kept, ...topics.filter((each) => !known.has(each.insert) && known.add(each.insert))].slice(0, MOST);
}

const GROUPS: [name: string, detail: string][] = [
  ['me', 'what you said'],
  ['desk', 'what the AI said'],
];

/** Colleagues by how their name begins, and the two who are always there. */
export async function findPeople(word: string, signal: AbortSignal): Promise<Completion[]> {
  const groups = GROUPS.filter(([name]) => name.startsWith(word.toLowerCase())).map(([name, detail]) => ({
    insert: `from:${name}`,
    label: name,
    detail,
  }));
  if (!word) return groups;
  const found = await call(api.GET('/api/v1/people', { params: { query: { start: word } }, signal })).catch(() => []);
  const people = found.map(({ author, email }) => ({
    insert: `from:${quoted(author.name)}`,
    label: author.name,
    detail: email,
  }));
  return [...groups, ...people].slice(0, MOST);
}

/** The text with a completion in place of the filter, and where the caret stands then. */
export function put(text: string, at: FilterWord, completion: Completion): { text: string; caret: number } {
  const before = text.slice(0, at.start) + completion.insert;
  const after = text.slice(at.end).trimStart();
  return { text: `${before} ${after}`, caret: before.length + 1 };
}
