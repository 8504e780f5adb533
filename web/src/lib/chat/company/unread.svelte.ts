/** What is unread in all rooms of the person, on every device the same. */
import { api, call } from '$lib/api/client';
import type { PersonUpdate, Unread } from '$lib/api/types';
import { isMuted } from '../muting';
import { rooms } from '../rooms.svelte';
import { countsOf, firstUnreadOf, hear, mentionsOf, readOf, readUpTo, unreadOf, type Counts } from './counts';
import type { Stream } from './counts';

const KINDS = new Set(['unread', 'news', 'recount']);
/** Devices that have to count anew do not all ask in the same moment. */
const SPREAD_MS = 1500;

class UnreadRooms {
  #counts = $state.raw<Counts>(new Map());
  #me = $state('');
  loaded = $state(false);
  #loading: Promise<void> | null = null;
  #again = false;
  #later: ReturnType<typeof setTimeout> | undefined;
  /** How many messages are unread in all rooms together; of muted ones only those that name the person count. */
  readonly total = $derived.by(() => {
    const muted = new Set(rooms.list.filter((room) => isMuted(room.place)).map((room) => room.id));
    let total = 0;
    for (const [id, count] of this.#counts) total += (muted.has(id) ? mentionsOf : unreadOf)(count, this.#me);
    return total;
  });
  readonly any = $derived([...this.#counts.values()].some((count) => unreadOf(count, this.#me) > 0));

  /** How many are unread in a room, or in one stream of it: a topic by its id, the main stream by nothing. */
  of(roomId: string, stream?: Stream): number {
    return unreadOf(this.#counts.get(roomId), this.#me, stream);
  }

  mentions(roomId: string, stream?: Stream): number {
    return mentionsOf(this.#counts.get(roomId), this.#me, stream);
  }

  first(roomId: string, stream?: Stream): number | null {
    return firstUnreadOf(this.#counts.get(roomId), this.#me, stream);
  }

  readOf(roomId: string, stream: string): number {
    return readOf(this.#counts.get(roomId), stream);
  }

  /** Read the counts; calls during a reading share one more, which sees what made them. */
  load(me: string): Promise<void> {
    if (me !== this.#me) this.forget();
    this.#me = me;
    this.#again = this.#loading !== null;
    this.#loading ??= this.#read().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #read(): Promise<void> {
    do {
      this.#again = false;
      try {
        const { rooms } = await call(api.GET('/api/v1/unread'));
        this.#counts = countsOf(rooms, this.#counts);
        this.loaded = true;
      } catch {
        // The counts stay as they were; the next news asks again.
      }
    } while (this.#again);
  }

  /** Take over what the person's own topic tells. */
  hear(update: { kind: string }): void {
    if (!KINDS.has(update.kind)) return;
    const counts = hear(this.#counts, update as PersonUpdate);
    if (counts) this.#counts = counts;
    else this.#soon();
  }

  #soon(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      void this.load(this.#me);
    }, Math.random() * SPREAD_MS);
  }

  read(roomId: string, sequence: number, stream: string): void {
    this.#counts = readUpTo(this.#counts, roomId, sequence, stream);
  }

  /** Mark a message and what follows it in its stream as unread, or a topic by its newest message. */
  async markUnread(roomId: string, from: { first: number } | { topic_id: string }): Promise<void> {
    const path = { room_id: roomId };
    this.#put(await call(api.PUT('/api/v1/rooms/{room_id}/unread', { params: { path }, body: from })));
  }

  async markAllRead(): Promise<void> {
    await call(api.DELETE('/api/v1/unread'));
    await this.load(this.#me);
  }

  #put(unread: Unread): void {
    const counts = hear(this.#counts, { kind: 'unread', room_id: unread.room_id, unread, messages: [] });
    if (counts) this.#counts = counts;
  }

  forget(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#counts = new Map();
    this.#me = '';
    this.loaded = false;
  }
}

export const unread = new UnreadRooms();
