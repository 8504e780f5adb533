/** What is being done with messages on this page: which one is edited, answered, reacted to, looked at or removed. */
import { api, call } from '$lib/api/client';
import { describe } from '$lib/api/problem';
import type { Message, MessageVersion, ReactionPeople } from '$lib/api/types';
import { toasts } from '$lib/toasts.svelte';

function pathOf(message: Pick<Message, 'id' | 'room_id'>) {
  return { room_id: message.room_id, message_id: message.id };
}

/** People whom the words of a text mean, as the server is told. */
export interface Named {
  label: string;
  person_id: string;
}

class Handling {
  /** The id of the message that is edited in its place. */
  editing = $state('');
  /** The message that the next one answers. */
  answering = $state.raw<Message | null>(null);
  /** The message that an emoji is chosen for. */
  picking = $state.raw<Message | null>(null);
  /** The message whose earlier versions are shown. */
  looking = $state.raw<Message | null>(null);
  /** What a command said to who gave it, or what was wrong with it. */
  note = $state('');
  /** The message that is about to be removed. */
  removing = $state.raw<Message | null>(null);

  /** The message that is about to be reported. */
  reporting = $state.raw<Message | null>(null);

  /** Forget what was begun in another room. */
  leave(): void {
    this.editing = this.note = '';
    this.answering = this.picking = this.looking = this.removing = this.reporting = null;
  }

  edit(message: Message, text: string, mentions: Named[]): Promise<Message> {
    const body = { text, mentions };
    return call(
      api.PATCH('/api/v1/rooms/{room_id}/messages/{message_id}', { params: { path: pathOf(message) }, body }),
    );
  }

  remove(message: Message, reason: string): Promise<Message> {
    const params = { path: pathOf(message) };
    return call(api.POST('/api/v1/rooms/{room_id}/messages/{message_id}/remove', { params, body: { reason } }));
  }

  report(message: Message, reason: string): Promise<void> {
    const params = { path: pathOf(message) };
    return call(api.POST('/api/v1/rooms/{room_id}/messages/{message_id}/report', { params, body: { reason } }));
  }

  withdraw(message: Message): Promise<Message> {
    const params = { path: pathOf(message) };
    return call(api.POST('/api/v1/rooms/{room_id}/messages/{message_id}/withdraw', { params }));
  }

  versions(message: Message): Promise<MessageVersion[]> {
    const params = { path: pathOf(message) };
    return call(api.GET('/api/v1/rooms/{room_id}/messages/{message_id}/versions', { params }));
  }

  reactions(message: Message): Promise<ReactionPeople[]> {
    const params = { path: pathOf(message) };
    return call(api.GET('/api/v1/rooms/{room_id}/messages/{message_id}/reactions', { params }));
  }

  get(room_id: string, message_id: string): Promise<Message> {
    const params = { path: { room_id, message_id } };
    return call(api.GET('/api/v1/rooms/{room_id}/messages/{message_id}', { params }));
  }

  pins(room_id: string): Promise<Message[]> {
    return call(api.GET('/api/v1/rooms/{room_id}/pins', { params: { path: { room_id } } }));
  }

  /** Put one's emoji on a message, or take it off; says so when it cannot be done. */
  async react(message: Message, emoji: string, on: boolean): Promise<void> {
    const params = { path: { ...pathOf(message), emoji } };
    const where = '/api/v1/rooms/{room_id}/messages/{message_id}/reactions/{emoji}';
    await attempt(call(on ? api.PUT(where, { params }) : api.DELETE(where, { params })));
  }

  async pin(message: Message, on: boolean): Promise<void> {
    const params = { path: pathOf(message) };
    const where = '/api/v1/rooms/{room_id}/messages/{message_id}/pin';
    await attempt(call(on ? api.PUT(where, { params }) : api.DELETE(where, { params })));
  }
}

async function attempt(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    toasts.show(describe(error));
  }
}

export const handling = new Handling();
