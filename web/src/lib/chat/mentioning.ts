/** Names in what is written: completed while one types, shown by what people are called now. */
import { api, call } from '$lib/api/client';
import type { FoundPerson, Member, Mention } from '$lib/api/types';
import type { Completion, CompletionProvider } from './completion';
import type { Named } from './handling.svelte';

const HERE: Completion = { insert: '@here', label: '@here', detail: 'everybody in this room' };
const DESK: Completion = { insert: '@desk', label: '@desk', detail: 'ask the AI' };
const NO_DESK: Completion = { ...DESK, detail: 'the AI, which is not in this room' };

/** Members whose name has a word that begins with what was typed, and the two groups. */
export function findNames(members: readonly Member[], word: string): Completion[] {
  const wanted = word.toLowerCase();
  const fits = (name: string): boolean =>
    name
      .toLowerCase()
      .split(/\s+/)
      .some((part) => part.startsWith(wanted));
  const people = members
    .filter(({ author }) => author.kind === 'person' && fits(author.name))
    .map(({ author }) => ({ insert: `@${author.name}`, label: author.name, data: { person_id: author.id } }));
  const desk = members.some(({ author }) => author.kind === 'assistant') ? DESK : NO_DESK;
  return [...people, ...[HERE, desk].filter((each) => each.insert.slice(1).startsWith(wanted))];
}

/** Colleagues who are not in the room: named all the same, and whoever writes is told what that means. */
export function outsiders(found: readonly FoundPerson[]): Completion[] {
  return found
    .filter((each) => !each.present)
    .map(({ author }) => ({
      insert: `@${author.name}`,
      label: author.name,
      detail: 'not in this room',
      data: { person_id: author.id, outside: author.name },
    }));
}

async function findOutside(roomId: string, start: string, signal: AbortSignal): Promise<Completion[]> {
  if (!start) return [];
  const query = { start, room_id: roomId };
  // Who may not look up colleagues names those who are here.
  return outsiders(await call(api.GET('/api/v1/people', { params: { query }, signal })).catch(() => []));
}

export const names: CompletionProvider = {
  mark: '@',
  label: 'People',
  find: async (word, { conversation, signal }) => {
    const here = findNames(conversation?.members ?? [], word);
    return conversation ? [...here, ...(await findOutside(conversation.roomId, word, signal))] : here;
  },
};

/** Somebody whom a text names and who will not see it. */
export interface Outsider {
  id: string;
  name: string;
}

/** Who of those that were named is not in the room. */
export function outsidersIn(chosen: readonly Completion[], members: readonly Member[]): Outsider[] {
  const here = new Set(members.map((each) => each.author.id));
  const named = chosen.flatMap(({ data }) => {
    const found = data as { person_id?: string; outside?: string } | undefined;
    return found?.person_id && found.outside && !here.has(found.person_id)
      ? [{ id: found.person_id, name: found.outside }]
      : [];
  });
  return [...new Map(named.map((each) => [each.id, each])).values()];
}

/** Whether words ask the AI: they name it, as services/chat/messages/mentions.py reads that, or give its command. */
export function asksDesk(text: string): boolean {
  return /(?<![\w@./-])@desk\b(?!@)/i.test(text) || /^\/summarise(\s|$)/i.test(text);
}

/** Whom the completions that were taken mean. */
export function namedIn(chosen: readonly Completion[]): Named[] {
  return chosen.flatMap(({ insert, data }) => {
    const found = data as { person_id?: string } | undefined;
    return found?.person_id ? [{ label: insert, person_id: found.person_id }] : [];
  });
}

/** Whom a text that was written before names, for sending it again with other words. */
export function namedBefore(text: string, mentions: readonly Mention[]): Named[] {
  const points = Array.from(text);
  return mentions.flatMap(({ start, end, person_id }) =>
    person_id ? [{ label: points.slice(start, end).join(''), person_id }] : [],
  );
}

/** An element for a mention; a symbol leads to its chart. */
export function mentionElement(mention: Mention, words: string, me: string): HTMLElement {
  if (mention.kind === 'symbol') {
    const link = document.createElement('a');
    link.className = 'ticker';
    link.dataset.symbol = mention.symbol;
    link.dataset.testid = 'ticker';
    link.href = `/chart/${encodeURIComponent(mention.symbol)}`;
    link.textContent = words;
    return link;
  }
  const span = document.createElement('span');
  const forMe = mention.kind === 'here' || (mention.kind === 'person' && mention.person_id === me);
  span.className = forMe ? 'mention me' : 'mention';
  span.dataset.testid = 'mention';
  span.textContent = mention.kind === 'person' ? `@${mention.name}` : words;
  return span;
}
