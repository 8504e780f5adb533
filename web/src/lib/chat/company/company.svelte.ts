/** The company of one open room: who is in it now, who types, who has read what, and where the new messages begin. */
import { untrack } from 'svelte';
import { api, call } from '$lib/api/client';
import type { Message, Receipts } from '$lib/api/types';
import type { RealtimeClient } from '$lib/realtime/client';
import { presence } from './presence.svelte';
import { Reading } from './reading';
import { standing } from './standing.svelte';
import { RoomTyping } from './typing.svelte';
import { unread } from './unread.svelte';

export class Company {
  readonly roomId: string;
  /** The stream that is shown: a topic's id, empty for the main one. */
  readonly topic: string;
  readonly typing: RoomTyping;
  receipts = $state.raw<Receipts | null>(null);
  /** The first message that was new when the room was opened, or marked unread; the line above it stays until one leaves. */
  firstNew = $state<number | null>(null);
  /** How many were new then. */
  newCount = $state(0);
  /** The message of which somebody wants to know who has seen it. */
  asked = $state.raw<Message | null>(null);
  #reading: Reading;
  #sight = new Map<Element, number>();
  /** The sequences of the messages that are on the screen now. */
  #inSight = new Set<number>();
  #observer: IntersectionObserver;
  #leave: (() => void)[] = [];
  #closed = false;

  constructor(roomId: string, client: RealtimeClient, topic = '') {
    this.roomId = roomId;
    this.topic = topic;
    this.typing = new RoomTyping(roomId, client);
    this.#reading = new Reading({
      looks: () => document.visibilityState === 'visible' && document.hasFocus(),
      tell: (read, delivered) => {
        client.signal('chat.read', { room_id: roomId, read, delivered, topic: topic || 'main' });
        unread.read(roomId, read, topic);
      },
    });
    this.#observer = new IntersectionObserver((entries) => this.#sighted(entries));
    this.#leave.push(presence.watch(roomId));
    const looked = (): void => this.#reading.looked();
    window.addEventListener('focus', looked);
    document.addEventListener('visibilitychange', looked);
    this.#leave.push(() => {
      window.removeEventListener('focus', looked);
      document.removeEventListener('visibilitychange', looked);
    });
    this.#followReceipts(client);
  }

  /** Note where the new messages begin, before any of them counts as read. */
  async begin(me: string): Promise<void> {
    if (!unread.loaded) await unread.load(me);
    if (!this.#closed) this.#drawLine();
  }

  /** Have a message that comes into sight count as read. */
  sight(node: Element, sequence: number): () => void {
    this.#sight.set(node, sequence);
    this.#observer.observe(node);
    return () => {
      this.#observer.unobserve(node);
      this.#sight.delete(node);
      this.#inSight.delete(sequence);
    };
  }

  /** This device has the messages up to one; what comes while nobody looks begins a new line. */
  has(sequence: number): void {
    this.#reading.has(sequence);
    untrack(() => {
      const first = unread.first(this.roomId, this.topic);
      const allRead = this.firstNew === null || unread.readOf(this.roomId, this.topic) >= this.firstNew;
      if (first !== null && allRead && !document.hasFocus()) this.#drawLine();
    });
  }

  /** A new connection: what was told on the old one may be lost. */
  reconnected(): void {
    this.#reading.again();
    void this.#readReceipts();
  }

  async markUnread(sequence: number): Promise<void> {
    this.#reading.hold();
    await unread.markUnread(this.roomId, { first: sequence });
    this.firstNew = sequence;
    this.newCount = unread.of(this.roomId, this.topic);
  }

  /** The pill above the messages is done with; the line stays. */
  noted(): void {
    this.newCount = 0;
  }

  close(): void {
    this.#closed = true;
    this.typing.close();
    this.#reading.close();
    this.#observer.disconnect();
    this.#leave.forEach((leave) => leave());
  }

  #drawLine(): void {
    this.firstNew = unread.first(this.roomId, this.topic);
    // Whoever sees where the new messages begin needs no way there.
    const seen = this.firstNew !== null && this.#inSight.has(this.firstNew);
    this.newCount = seen ? 0 : unread.of(this.roomId, this.topic);
  }

  #sighted(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const sequence = this.#sight.get(entry.target);
      if (sequence === undefined) continue;
      if (!entry.isIntersecting) {
        this.#inSight.delete(sequence);
        continue;
      }
      this.#inSight.add(sequence);
      this.#reading.saw(sequence);
      if (sequence === this.firstNew) this.noted();
    }
  }

  #followReceipts(client: RealtimeClient): void {
    const follower = {
      onUpdate: (data: unknown) => this.#take(data as Receipts),
      onError: () => (this.receipts = null),
    };
    this.#leave.push(
      $effect.root(() => {
        // Who shows no receipts is told of none; whoever shows them again is.
        $effect(() => {
          if (!standing.mine.receipts) {
            this.receipts = null;
            return;
          }
          void this.#readReceipts();
          return client.follow(`receipts:${this.roomId}`, 'latest', follower);
        });
      }),
    );
  }

  async #readReceipts(): Promise<void> {
    const path = { room_id: this.roomId };
    const receipts = await call(api.GET('/api/v1/rooms/{room_id}/receipts', { params: { path } })).catch(() => null);
    if (receipts && !receipts.hidden && !this.#closed) this.#take(receipts);
  }

  #take(receipts: Receipts): void {
    if (!this.receipts || receipts.version >= this.receipts.version) this.receipts = receipts;
  }
}

/** The company of the room that is open. */
class OpenRoom {
  company = $state.raw<Company | null>(null);
}

export const openRoom = new OpenRoom();
