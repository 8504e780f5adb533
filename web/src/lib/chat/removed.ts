/** Messages that have no words any more, and who may take others' away. */
import type { Message, Room } from '$lib/api/types';

/** Whether a message's words are gone. */
export function isGone(message: Message): boolean {
  return ['erased', 'removed', 'withdrawn', 'expired'].includes(message.status);
}

/** What stands in the place of a message whose words are gone. */
export function describeGone(message: Message, me: string): string {
  const removal = message.removal;
  if (!removal) return 'This message was erased.';
  const own = removal.by.id === message.author.id;
  const who = removal.by.id === me ? 'You' : removal.by.name;
  const what = own ? `${who} removed this message.` : `${who} removed this message as a moderator.`;
  return removal.reason ? `${what} Reason: ${removal.reason}` : what;
}

/** What stands below a reply that somebody stopped. */
export function describeStop(message: Message, me: string): string {
  if (!message.stopped_by) return 'Stopped.';
  return `Stopped by ${message.stopped_by.id === me ? 'you' : message.stopped_by.name}.`;
}

export function mayModerate(room: Room | null): boolean {
  return room?.place?.role === 'owner' || room?.place?.role === 'moderator';
}
