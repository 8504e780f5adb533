/** The page's one outbox: over the socket where it is open, otherwise by HTTP, under the same client id. */
import { api, call } from '$lib/api/client';
import { Problem } from '$lib/api/problem';
import type { Message } from '$lib/api/types';
import { CallLost } from '$lib/realtime/calls';
import { link } from '$lib/realtime/link.svelte';
import { exclusively } from '$lib/session/alone';
import { Outbox, type OutboxNews } from './outbox.svelte';
import { BrowserOutbox } from './outboxstore';
import type { Outgoing } from './outgoing';

const PATIENCE_MS = 20_000;
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('outcry.outbox');

async function post(item: Outgoing): Promise<Message> {
  const body = { ...item.extra, text: item.text, client_id: item.clientId };
  try {
    return (await link.client.call('chat.post', { ...body, room_id: item.roomId })) as Message;
  } catch (error) {
    const elsewhere = error instanceof CallLost || (error instanceof Problem && error.code === 'unknown_call');
    if (!elsewhere) throw error;
  }
  const params = { path: { room_id: item.roomId } };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return call(api.POST('/api/v1/rooms/{room_id}/messages', { params, body, signal }));
}

export const outbox = new Outbox({
  store: new BrowserOutbox(),
  post,
  alone: exclusively,
  tell: (news) => channel?.postMessage(news),
});

channel?.addEventListener('message', (event: MessageEvent<OutboxNews>) => outbox.hear(event.data));
