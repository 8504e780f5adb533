/** A message on its way out. */
import type { MessageFile } from '$lib/api/types';

/** What a message may carry besides its text; files go by reference. Sent as further fields of the message. */
export type MessageExtra = Record<string, unknown>;

export interface Outgoing {
  /** What the message is called until the server has it; sending it again under this id posts it once. */
  clientId: string;
  roomId: string;
  text: string;
  extra: MessageExtra;
  /** What its files are, which it names in `extra`: so that they show while it waits, also after a reload. */
  files?: readonly MessageFile[];
  /** When it was written, in milliseconds. */
  at: number;
  /** `waiting` for the connection or for those before it; `failed` when the server refused it. */
  state: 'waiting' | 'sending' | 'failed';
  error: string;
}
