/** The frames of the realtime socket; docs/realtime.md describes them, and their types are those of the server. */
import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Position = Schemas['TopicPosition'];
export type Update = Schemas['UpdateItem'];
/** What a client may say. */
export type Said = Schemas['RealtimeClientFrame'];
/** What may be asked over the socket, by name: the types of each body and answer. */
export type Calls = Schemas['RealtimeCalls'];

// Members that say nothing are left out on the way.
type Sparse<T, Always extends keyof T> = Pick<T, Always> & Partial<T>;

export type Control =
  | Schemas['ReadyFrame']
  | Schemas['PongFrame']
  | Schemas['SubscribedFrame']
  | Sparse<Schemas['AnswerFrame'], 'type' | 'id'>
  | Sparse<Schemas['ErrorFrame'], 'type' | 'code' | 'detail'>;

export type Frame = { updates: Update[] } | { control: Control };

/** Read one text frame; null for anything that is not of the protocol. */
export function readFrame(text: unknown): Frame | null {
  if (typeof text !== 'string') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (Array.isArray(value)) return { updates: value as Update[] };
  if (typeof value === 'object' && value !== null && 'type' in value) return { control: value as Control };
  return null;
}
