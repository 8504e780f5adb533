/** The frames of the realtime socket; see the edge's description of the protocol. */

export interface Position {
  epoch: string;
  offset: number;
}

export interface Update {
  topic: string;
  offset: number;
  data: unknown;
}

export type Control =
  | { type: 'ready' }
  | { type: 'pong' }
  | { type: 'subscribed'; topic: string; epoch: string; offset: number; reset: boolean }
  | { type: 'error'; topic?: string; code: string; detail: string; wait_s?: number };

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
