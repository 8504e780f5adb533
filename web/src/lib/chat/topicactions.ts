/** What can be done with a message about topics. */
import { goto } from '$app/navigation';
import { api, call } from '$lib/api/client';
import { describe } from '$lib/api/problem';
import { toasts } from '$lib/toasts.svelte';
import type { MessageAction } from './actions';

/** Make a topic from a message, or go to the one that it has. */
export const startTopic: MessageAction = {
  id: 'topic',
  label: 'Start a topic from it',
  icon: 'chat',
  key: 't',
  fits: ({ message, conversation, me, may }) => {
    const role = conversation.members.find((member) => member.author.id === me)?.role;
    return may('chat:topic:change') && !message.topic_id && message.text !== '' && !!role && role !== 'reader';
  },
  run: async ({ message, conversation }) => {
    try {
      const params = { path: { room_id: conversation.roomId } };
      const body = { message_id: message.id };
      const topic = await call(api.POST('/api/v1/rooms/{room_id}/topics', { params, body }));
      await goto(`/c/${conversation.roomId}?topic=${topic.id}`);
    } catch (error) {
      toasts.show(describe(error));
    }
  },
};
