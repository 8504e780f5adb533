/** The list of a person's rooms, newest activity first. */
import { api, call } from '$lib/api/client';
import { describe } from '$lib/api/problem';
import type { Room } from '$lib/api/types';
import { keepOwn } from './naming';

function byActivity(a: Room, b: Room): number {
  return b.last_activity_at.localeCompare(a.last_activity_at);
}

class Rooms {
  list = $state.raw<Room[]>([]);
  archived = $state(false);
  loading = $state(false);
  loaded = $state(false);
  error = $state('');
  #cursor = $state<string | null>(null);
  #generation = 0;
  #loading: Promise<void> | null = null;
  #again = false;

  get more(): boolean {
    return this.#cursor !== null;
  }

  /** Read the list anew. Calls during a reading share one more, which sees what made them. */
  load(): Promise<void> {
    this.#again = this.#loading !== null;
    this.#loading ??= this.#readUntilQuiet().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #readUntilQuiet(): Promise<void> {
    do {
      this.#again = false;
      await this.#load();
    } while (this.#again);
  }

  async #load(): Promise<void> {
    const generation = ++this.#generation;
    this.loading = true;
    try {
      const page = await this.#page(null, this.list.length);
      if (generation !== this.#generation) return;
      this.list = page.items;
      this.#cursor = page.next_cursor ?? null;
      this.loaded = true;
      this.error = '';
    } catch (error) {
      if (generation === this.#generation) this.error = describe(error);
    } finally {
      if (generation === this.#generation) this.loading = false;
    }
  }

  async loadMore(): Promise<void> {
    if (!this.#cursor || this.loading) return;
    const generation = this.#generation;
    this.loading = true;
    try {
      const page = await this.#page(this.#cursor);
      if (generation !== this.#generation) return;
      const known = new Set(this.list.map((room) => room.id));
      this.list = [...this.list, ...page.items.filter((room) => !known.has(room.id))];
      this.#cursor = page.next_cursor ?? null;
    } catch (error) {
      this.error = describe(error);
    } finally {
      this.loading = false;
    }
  }

  async show(archived: boolean): Promise<void> {
    await this.#loading;
    this.archived = archived;
    this.list = [];
    this.loaded = false;
    await this.load();
  }

  async create(): Promise<Room> {
    const room = await call(api.POST('/api/v1/rooms', { body: { kind: 'conversation' } }));
    if (!this.archived) this.put(room);
    return room;
  }

  async rename(room: Room, title: string): Promise<void> {
    this.put(await this.#change(room, { title }));
  }

  /** Change how the person keeps a room in their own list. */
  async keep(room: Room, body: { favourite?: boolean; section?: string }): Promise<Room> {
    const path = { room_id: room.id };
    const kept = await call(api.PATCH('/api/v1/rooms/{room_id}/place', { params: { path }, body }));
    this.put(kept);
    return kept;
  }

  async setArchived(room: Room, archived: boolean): Promise<void> {
    this.put(await this.#change(room, { archived }));
  }

  /** Show a room's newest state, wherever it came from. */
  put(told: Room): void {
    const room = keepOwn(
      told,
      this.list.find((each) => each.id === told.id),
    );
    const others = this.list.filter((each) => each.id !== room.id);
    this.list = room.archived === this.archived ? [...others, room].sort(byActivity) : others;
  }

  forget(): void {
    this.#generation += 1;
    this.list = [];
    this.#cursor = null;
    this.loaded = false;
    this.archived = false;
    this.error = '';
  }

  /** A page of the list; reading it anew brings back as many as were shown. */
  #page(cursor: string | null, shown = 0) {
    const limit = Math.min(200, Math.max(40, shown));
    const query = { limit, archived: this.archived, ...(cursor ? { cursor } : {}) };
    return call(api.GET('/api/v1/rooms', { params: { query } }));
  }

  #change(room: Room, body: { title?: string; archived?: boolean }): Promise<Room> {
    return call(api.PATCH('/api/v1/rooms/{room_id}', { params: { path: { room_id: room.id } }, body }));
  }
}

export const rooms = new Rooms();
