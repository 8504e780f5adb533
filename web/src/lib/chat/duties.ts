/** Summaries that a room gets again and again: what the AI was told, in words, and changing it. */
import { api, call } from '$lib/api/client';
import type { Duty, Member, Message } from '$lib/api/types';

export type Plan = Pick<Duty, 'days' | 'at' | 'zone' | 'quiet'>;

export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const WEEKDAYS: readonly number[] = [1, 2, 3, 4, 5];

/** When a summary is due, such as "Every weekday at 17:00". */
export function describePlan({ days, at }: Pick<Duty, 'days' | 'at'>): string {
  const sorted = [...days].sort((a, b) => a - b);
  if (sorted.length === 7) return `Every day at ${at}`;
  if (sorted.join() === WEEKDAYS.join()) return `Every weekday at ${at}`;
  const names = sorted.map((day) => DAYS[day - 1] ?? '');
  const last = names.pop() ?? '';
  return `Every ${names.length > 0 ? `${names.join(', ')} and ${last}` : last} at ${at}`;
}

/** Whether the AI is among who is in a room. */
export function deskIsHere(members: readonly Member[]): boolean {
  return members.some(({ author }) => author.kind === 'assistant');
}

/** Changes whenever the AI has said something: it may have noted or begun something by words. */
export function lastSaid(messages: readonly Message[]): string {
  const last = messages.findLast(({ author, status }) => author.kind === 'assistant' && status === 'complete');
  return last ? `${last.id}.${last.version}` : '';
}

/** What is written in an empty field: in a room, how the AI is asked there. */
export function hintOf(asksAlways: boolean, members: readonly Member[]): string {
  if (asksAlways) return 'Ask about a market…';
  return deskIsHere(members) ? 'Write, or ask @desk…' : 'Write a message…';
}

export function listDuties(roomId: string): Promise<Duty[]> {
  return call(api.GET('/api/v1/rooms/{room_id}/duties', { params: { path: { room_id: roomId } } }));
}

export function giveDuty(roomId: string, plan: Plan): Promise<Duty> {
  const params = { path: { room_id: roomId } };
  return call(api.POST('/api/v1/rooms/{room_id}/duties', { params, body: plan }));
}

export function changeDuty(duty: Duty, change: Partial<Plan> & { active?: boolean }): Promise<Duty> {
  const params = { path: { room_id: duty.room_id, duty_id: duty.id } };
  return call(api.PATCH('/api/v1/rooms/{room_id}/duties/{duty_id}', { params, body: change }));
}

export async function stopDuty(duty: Duty): Promise<void> {
  const params = { path: { room_id: duty.room_id, duty_id: duty.id } };
  await call(api.DELETE('/api/v1/rooms/{room_id}/duties/{duty_id}', { params }));
}
