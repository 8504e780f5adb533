/** How the people are with whom this person shares the rooms that are looked at. */
import { SvelteMap } from 'svelte/reactivity';
import { api, call } from '$lib/api/client';
import type { Presence, PresenceUpdate } from '$lib/api/types';
import type { RealtimeClient } from '$lib/realtime/client';
import { link } from '$lib/realtime/link.svelte';

export const SHOWN: Record<Presence['state'], string> = {
  here: 'Here',
  idle: 'Idle',
  away: 'Away',
  do_not_disturb: 'Do not disturb',
};

interface Watch {
  watchers: number;
  leave: () => void;
  people: Set<string>;
}

export class PresenceStore {
  #client: Pick<RealtimeClient, 'follow'>;
  #people = new SvelteMap<string, Presence>();
  #rooms = new Map<string, Watch>();

  constructor(client: Pick<RealtimeClient, 'follow'>) {
    this.#client = client;
  }

  of(personId: string): Presence | undefined {
    return this.#people.get(personId);
  }

  /** Look at the people of a room until the returned function is called. */
  watch(roomId: string): () => void {
    const known = this.#rooms.get(roomId);
    if (known) known.watchers += 1;
    else {
      const watch: Watch = { watchers: 1, leave: () => undefined, people: new Set() };
      this.#rooms.set(roomId, watch);
      void this.#open(roomId, watch);
    }
    return () => this.#unwatch(roomId);
  }

  #unwatch(roomId: string): void {
    const watch = this.#rooms.get(roomId);
    if (!watch || --watch.watchers > 0) return;
    watch.leave();
    this.#rooms.delete(roomId);
    // Who is in none of the rooms that are still looked at is not known any more.
    const others = [...this.#rooms.values()];
    for (const id of watch.people) if (!others.some((each) => each.people.has(id))) this.#people.delete(id);
  }

  async #open(roomId: string, watch: Watch): Promise<void> {
    const state = await this.#read(roomId).catch(() => null);
    if (!state || this.#rooms.get(roomId) !== watch) return;
    this.#takeAll(watch, state.people);
    const follower = {
      onUpdate: (data: unknown) => this.#take(watch, (data as PresenceUpdate).people),
      onReset: () =>
        void this.#read(roomId).then(
          (anew) => this.#takeAll(watch, anew.people),
          () => undefined,
        ),
    };
    const { epoch, offset } = state;
    watch.leave = this.#client.follow(`presence:${roomId}`, 'log', follower, { epoch, offset });
  }

  #read(roomId: string) {
    return call(api.GET('/api/v1/rooms/{room_id}/presence', { params: { path: { room_id: roomId } } }));
  }

  /** All of a room's people that are not just away. */
  #takeAll(watch: Watch, people: readonly Presence[]): void {
    const present = new Set(people.map((each) => each.person_id));
    for (const id of watch.people) if (!present.has(id)) this.#people.delete(id);
    this.#take(watch, people);
  }

  #take(watch: Watch, people: readonly Presence[]): void {
    for (const each of people) {
      watch.people.add(each.person_id);
      this.#people.set(each.person_id, each);
    }
  }
}

export const presence = new PresenceStore(link.client);

/** Somebody's status, unless it is over. */
export function statusOf(person: Presence | undefined, now: number = Date.now()): string {
  if (!person || (person.until && new Date(person.until).getTime() <= now)) return '';
  return [person.emoji, person.text].filter(Boolean).join(' ');
}
