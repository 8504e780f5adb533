/** Messages that are sent later, at a time of the reader's own zone. */
import { api, call } from '$lib/api/client';
import type { LaterMessage } from '$lib/api/types';

export function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** A moment as a datetime-local field has it, in this zone. */
export function toField(moment: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${date}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** Tomorrow at nine, or in an hour: what one means most. */
export function proposals(now: Date): { label: string; at: Date }[] {
  const hour = new Date(now.getTime() + 3_600_000);
  const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9);
  const monday = new Date(now.getFullYear(), now.getMonth(), now.getDate() + ((8 - now.getDay()) % 7 || 7), 9);
  return [
    { label: 'In an hour', at: hour },
    { label: 'Tomorrow at 9:00', at: tomorrow },
    { label: 'Monday at 9:00', at: monday },
  ];
}

export function sendLater(roomId: string, topic: string, text: string, at: Date): Promise<LaterMessage> {
  const params = { path: { room_id: roomId } };
  const body = { text, topic_id: topic || null, due_at: at.toISOString(), zone: zoneHere() };
  return call(api.POST('/api/v1/rooms/{room_id}/later', { params, body }));
}

export function listLater(): Promise<LaterMessage[]> {
  return call(api.GET('/api/v1/later'));
}

export function changeLater(message: LaterMessage, at: Date): Promise<LaterMessage> {
  const params = { path: { later_id: message.id } };
  const body = { due_at: at.toISOString(), zone: zoneHere() };
  return call(api.PATCH('/api/v1/later/{later_id}', { params, body }));
}

export async function cancelLater(message: LaterMessage): Promise<void> {
  await call(api.DELETE('/api/v1/later/{later_id}', { params: { path: { later_id: message.id } } }));
}
