/** The actions on a message that change it or answer it. */
import type { ActionContext, MessageAction } from './actions';
import { handling } from './handling.svelte';
import { isGone, mayModerate } from './removed';

function mine({ message, me }: ActionContext): boolean {
  return message.author.id === me && message.author.kind === 'person';
}

function writes({ conversation }: ActionContext): boolean {
  return conversation.room?.place?.role !== 'reader';
}

export const handlingActions: MessageAction[] = [
  {
    id: 'react',
    label: 'React',
    icon: 'smile',
    key: '+',
    button: true,
    fits: (context) => context.may('chat:message:react') && writes(context),
    run: ({ message }) => void (handling.picking = message),
  },
  {
    id: 'reply',
    label: 'Reply',
    icon: 'reply',
    key: 'r',
    button: true,
    fits: (context) => context.may('chat:message:post') && writes(context),
    run: ({ message }) => {
      handling.answering = message;
      document.querySelector<HTMLElement>('[data-testid="composer"]')?.focus();
    },
  },
  {
    id: 'edit',
    label: 'Edit',
    icon: 'pen',
    key: 'e',
    fits: (context) => context.may('chat:message:edit') && mine(context) && writes(context),
    run: ({ message }) => void (handling.editing = message.id),
  },
  {
    id: 'pin',
    label: 'Pin to the room',
    icon: 'pin',
    key: 'p',
    fits: (context) => context.may('chat:message:pin') && writes(context) && !context.message.pin,
    run: ({ message }) => handling.pin(message, true),
  },
  {
    id: 'unpin',
    label: 'Unpin',
    icon: 'pin',
    key: 'p',
    fits: (context) => context.may('chat:message:pin') && writes(context) && Boolean(context.message.pin),
    run: ({ message }) => handling.pin(message, false),
  },
  {
    id: 'versions',
    label: 'Show earlier versions',
    icon: 'clock',
    fits: ({ message }) => Boolean(message.edited_at),
    run: ({ message }) => void (handling.looking = message),
  },
  {
    id: 'report',
    label: 'Report',
    icon: 'flag',
    fits: (context) => context.may('chat:message:report') && !mine(context) && !isGone(context.message),
    run: ({ message }) => void (handling.reporting = message),
  },
  {
    id: 'remove',
    label: 'Remove',
    icon: 'trash',
    key: 'Delete',
    danger: true,
    fits: (context) => context.may('chat:message:remove') && (mine(context) || mayModerate(context.conversation.room)),
    run: ({ message }) => void (handling.removing = message),
  },
];
