/**
 * What can be done with a message. A part of the chat adds its actions to this list; the row of a message shows those
 * that fit, the first few as buttons, all of them in its menu, and runs them by their key while the row has the focus.
 */
import { describe } from '$lib/api/problem';
import type { Message } from '$lib/api/types';
import type { IconName } from '$lib/components/Icon.svelte';
import { toasts } from '$lib/toasts.svelte';
import { startTopic } from './topicactions';
import { openRoom } from './company/company.svelte';
import type { Conversation } from './conversation.svelte';
import { handlingActions } from './handlingactions';

export interface ActionContext {
  message: Message;
  conversation: Conversation;
  /** The id of the person who reads. */
  me: string;
  may: (permission: string) => boolean;
  /** The row on the page, for what opens beside it. */
  row: HTMLElement | null;
}

export interface MessageAction {
  id: string;
  label: string;
  icon: IconName;
  /** The key that runs it, as KeyboardEvent.key has it. */
  key?: string;
  /** Also a button beside the message, not only in its menu. */
  button?: boolean;
  danger?: boolean;
  fits: (context: ActionContext) => boolean;
  run: (context: ActionContext) => void | Promise<void>;
}

async function copy(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toasts.show(said, undefined, 2500);
  } catch {
    toasts.show('The browser did not allow copying.');
  }
}

/** The address of a message, for whoever is in its room. */
export function permalink(message: Message, origin: string): string {
  return `${origin}/c/${message.room_id}?at=${message.sequence}`;
}

const copyText: MessageAction = {
  id: 'copy',
  label: 'Copy the text',
  icon: 'copy',
  key: 'c',
  fits: ({ message }) => message.text !== '',
  run: ({ message }) => copy(message.text, 'Copied.'),
};

const copyLink: MessageAction = {
  id: 'link',
  label: 'Copy a link to it',
  icon: 'link',
  key: 'l',
  button: true,
  fits: () => true,
  run: ({ message }) =>
    copy(permalink(message, location.origin), 'The link is copied. It works for people in this room.'),
};

const markUnread: MessageAction = {
  id: 'unread',
  label: 'Mark unread from here',
  icon: 'eye',
  key: 'u',
  fits: ({ conversation }) => openRoom.company?.roomId === conversation.roomId,
  run: async ({ message }) => {
    try {
      await openRoom.company?.markUnread(message.sequence);
    } catch (error) {
      toasts.show(describe(error));
    }
  },
};

const whoHasSeen: MessageAction = {
  id: 'seen',
  label: 'Who has seen it',
  icon: 'people',
  key: 's',
  fits: ({ message, conversation, me }) =>
    message.author.id === me && openRoom.company?.roomId === conversation.roomId && conversation.members.length > 1,
  run: ({ message }) => {
    if (openRoom.company) openRoom.company.asked = message;
  },
};

export const messageActions: MessageAction[] = [
  ...handlingActions,
  copyLink,
  copyText,
  markUnread,
  whoHasSeen,
  startTopic,
];

export function fitting(context: ActionContext): MessageAction[] {
  return messageActions.filter((action) => action.fits(context));
}

/** Do what the action with this id does, if there is one and it fits. */
export function runAction(id: string, context: ActionContext): boolean {
  const action = fitting(context).find((each) => each.id === id);
  if (action) void action.run(context);
  return action !== undefined;
}
