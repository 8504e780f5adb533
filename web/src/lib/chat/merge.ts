/**
 * How a room's updates change its messages. Applying an update twice, or after the history that already holds it,
 * changes nothing: a message only moves forward (higher version, longer text, ended).
 */
import type { Message, RoomUpdate } from '$lib/api/types';

export type Merged = { messages: Message[]; outcome: 'changed' | 'same' | 'reload' };

export function codePointLength(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function isEnded(message: Message): boolean {
  return message.status !== 'streaming';
}

/** Whether `incoming` says more than `present` about the same message. */
export function isNewer(incoming: Message, present: Message): boolean {
  if (incoming.version !== present.version) return incoming.version > present.version;
  if (isEnded(incoming) !== isEnded(present)) return isEnded(incoming);
  if (isEnded(incoming)) return (incoming.revision ?? 0) >= (present.revision ?? 0);
  return codePointLength(incoming.text) >= codePointLength(present.text);
}

/** Put one whole message in its place by sequence. */
export function putMessage(messages: readonly Message[], incoming: Message): Merged {
  const index = messages.findIndex((message) => message.id === incoming.id);
  if (index >= 0) {
    const present = messages[index] as Message;
    if (!isNewer(incoming, present)) return { messages: [...messages], outcome: 'same' };
    const next = [...messages];
    next[index] = incoming;
    return { messages: next, outcome: 'changed' };
  }
  const next = [...messages, incoming].sort((a, b) => a.sequence - b.sequence);
  return { messages: next, outcome: 'changed' };
}

/** Merge a page of history into what is shown. */
export function putHistory(messages: readonly Message[], page: readonly Message[]): Message[] {
  return page.reduce<Message[]>((all, message) => putMessage(all, message).messages, [...messages]);
}

function applyDelta(messages: readonly Message[], update: RoomUpdate): Merged {
  const same: Merged = { messages: [...messages], outcome: 'same' };
  const index = messages.findIndex((message) => message.id === update.message_id);
  const present = messages[index];
  const version = update.version ?? 0;
  if (!present) return { ...same, outcome: 'reload' };
  if (version < present.version || (version === present.version && isEnded(present))) return same;
  if (version > present.version) return { ...same, outcome: 'reload' };
  const length = codePointLength(present.text);
  const at = update.at ?? length;
  if (at > length) return { ...same, outcome: 'reload' };
  const fresh = Array.from(update.text ?? '')
    .slice(length - at)
    .join('');
  if (!fresh) return same;
  const next = [...messages];
  next[index] = { ...present, text: present.text + fresh };
  return { messages: next, outcome: 'changed' };
}

function applyActivity(messages: readonly Message[], update: RoomUpdate): Merged {
  const index = messages.findIndex((message) => message.id === update.message_id);
  const present = messages[index];
  const fits = present && present.status === 'streaming' && (update.version ?? present.version) === present.version;
  if (!fits) return { messages: [...messages], outcome: 'same' };
  const next = [...messages];
  next[index] = { ...present, activity: update.text ?? '' };
  return { messages: next, outcome: 'changed' };
}

/** Apply one update of a room. `reload` asks the caller to read the history again. */
export function applyUpdate(messages: readonly Message[], update: RoomUpdate): Merged {
  if (update.kind === 'message' && update.message) return putMessage(messages, update.message);
  if (update.kind === 'delta') return applyDelta(messages, update);
  if (update.kind === 'activity') return applyActivity(messages, update);
  return { messages: [...messages], outcome: 'same' };
}
