/** One open room: its messages, what is being sent, and what arrives. */
import { api, call } from '$lib/api/client';
import { describe, Problem } from '$lib/api/problem';
import type { HistoryPage, Member, Message, MessageFile, Room, RoomUpdate, Topic } from '$lib/api/types';
import type { RealtimeClient } from '$lib/realtime/client';
import { keepOwn } from './naming';
import { applyUpdate, putHistory, putMessage } from './merge';
import type { Outbox } from './outbox.svelte';
import type { MessageExtra, Outgoing } from './outgoing';

const PAGE = 40;
/** So many messages are shown at once: what is far from the reader is let go of, and read again when they come back. */
export const MOST_SHOWN = 400;

export class Conversation {
  readonly roomId: string;
  /** The id of the topic whose messages are shown; empty for the room's main stream. */
  readonly topic: string;
  room = $state.raw<Room | null>(null);
  messages = $state.raw<Message[]>([]);
  members = $state.raw<Member[]>([]);
  /** The topic that is shown, once it is known. */
  subject = $state.raw<Topic | null>(null);
  /** How often a topic of the room was told to be new or changed. */
  topicsTold = $state(0);
  loading = $state(true);
  loadingOlder = $state(false);
  /** The problem that keeps the room from being shown. */
  problem = $state.raw<Problem | null>(null);
  olderError = $state('');
  /** There are newer messages than those that are shown: the reader jumped to an older place. */
  behind = $state(false);
  loadingNewer = $state(false);
  /** The highest sequence that was heard of, shown or not. */
  newest = $state(0);
  /** How many messages came in while the room was open. */
  arrived = $state(0);

  /** There are messages before those that are shown. */
  hasOlder = $state(false);
  #client: RealtimeClient;
  #outbox: Outbox;
  #leave: (() => void)[] = [];
  #closed = false;
  #reloading: Promise<void> | null = null;
  /** Messages of other streams, whose further text is not shown here. */
  #elsewhere = new Set<string>();
  onRoom: (room: Room) => void = () => undefined;

  constructor(roomId: string, client: RealtimeClient, outbox: Outbox, topic = '') {
    this.roomId = roomId;
    this.topic = topic;
    this.#client = client;
    this.#outbox = outbox;
    const posted = (message: Message): void => {
      if (message.room_id === roomId) this.#put(message);
    };
    outbox.posted.add(posted);
    this.#leave.push(() => outbox.posted.delete(posted));
  }

  /** What the reader wrote here that the server does not have yet. */
  get outgoing(): readonly Outgoing[] {
    return this.#outbox.of(this.roomId).filter((each) => (each.extra.topic_id ?? '') === this.topic);
  }

  /** The reply that is being written now, if any. */
  get streaming(): Message | undefined {
    return this.messages.findLast((message) => message.status === 'streaming');
  }

  /** The pictures on the messages that are shown. */
  get pictures(): MessageFile[] {
    return this.messages.flatMap((message) => message.files).filter((file) => file.width !== null);
  }

  /** The picture that an author has now; that of the message may be an older one. */
  pictureOf(author: Message['author']): string | null {
    return (this.members.find((member) => member.author.id === author.id)?.author ?? author).picture;
  }

  /** Show the newest messages, or those around a sequence. */
  async open(around: number | null = null): Promise<void> {
    this.loading = true;
    this.problem = null;
    try {
      const where = around === null ? {} : { around };
      const [room, page, subject] = await Promise.all([this.#getRoom(), this.#history(where), this.#getTopic()]);
      if (this.#closed) return;
      this.room = room;
      this.subject = subject;
      this.#show(page);
      this.#follow(page);
      void this.loadMembers();
    } catch (error) {
      this.problem = error instanceof Problem ? error : new Problem(describe(error), { status: -1, code: 'unknown' });
    } finally {
      this.loading = false;
    }
  }

  close(): void {
    this.#closed = true;
    for (const leave of this.#leave) leave();
  }

  async loadOlder(): Promise<void> {
    const first = this.messages[0]?.sequence;
    if (!this.hasOlder || this.loadingOlder || first === undefined) return;
    this.loadingOlder = true;
    try {
      const page = await this.#history({ before: first });
      // The place was left meanwhile.
      if (this.messages[0]?.sequence !== first) return;
      this.#take(page.items);
      this.hasOlder = page.next_cursor !== null;
      this.#letGoOfNewer();
      this.olderError = '';
    } catch (error) {
      this.olderError = describe(error);
    } finally {
      this.loadingOlder = false;
    }
  }

  /** Show another place of the room; whether the message of this sequence is shown then. */
  async jump(around: number): Promise<boolean> {
    if (!this.messages.some((message) => message.sequence === around)) this.#show(await this.#history({ around }));
    return this.messages.some((message) => message.sequence === around);
  }

  /** Show what was said from a moment on; the sequence of the first of it, null when nothing was. */
  async jumpTo(moment: Date): Promise<number | null> {
    const page = await this.#history({ at: moment.toISOString() });
    this.#show(page);
    const found = page.items.find((message) => new Date(message.created_at) >= moment) ?? page.items.at(-1);
    return found?.sequence ?? null;
  }

  /** Continue towards the newest message, after a jump to an older one. */
  async loadNewer(): Promise<void> {
    const last = this.messages.at(-1);
    if (!this.behind || this.loadingNewer || !last) return;
    this.loadingNewer = true;
    try {
      const page = await this.#history({ after: last.sequence });
      if (!this.behind || this.messages.at(-1)?.sequence !== last.sequence) return;
      this.#take(page.items);
      this.#letGoOfOlder();
      if (page.newer) return;
      this.behind = false;
      // What came while this page was under way was left out.
      await this.#reload();
    } catch (error) {
      this.olderError = describe(error);
    } finally {
      this.loadingNewer = false;
    }
  }

  /** Leave the older place and show the newest messages. */
  async toNewest(): Promise<void> {
    if (this.behind) this.#show(await this.#history({}));
  }

  async loadMembers(): Promise<void> {
    try {
      this.members = await call(api.GET('/api/v1/rooms/{room_id}/members', this.#path()));
    } catch {
      // The dialog that shows the members tries again and says what is wrong.
    }
  }

  /** Send a message; `extra` are further fields of it, such as the one that it answers. */
  send(text: string, extra: MessageExtra = {}, files: readonly MessageFile[] = []): void {
    void this.#outbox.send(this.roomId, text, this.topic ? { ...extra, topic_id: this.topic } : extra, files);
  }

  /** Try again to send what the server refused. */
  resend(clientId: string): void {
    void this.#outbox.again(clientId);
  }

  discard(clientId: string): void {
    void this.#outbox.discard(clientId);
  }

  async stop(message: Message): Promise<void> {
    this.#put(await call(api.POST('/api/v1/rooms/{room_id}/messages/{message_id}/stop', this.#messagePath(message))));
  }

  async retry(message: Message): Promise<void> {
    this.#put(await call(api.POST('/api/v1/rooms/{room_id}/messages/{message_id}/retry', this.#messagePath(message))));
  }

  #follow(page: HistoryPage): void {
    const follower = {
      onUpdate: (data: unknown) => this.#hear(data as RoomUpdate),
      onReset: () => void this.#reload(),
      onError: (_code: string, detail: string) => {
        this.problem = new Problem(detail, { status: 404, code: 'not_found' });
      },
    };
    const position = { epoch: page.epoch, offset: page.offset };
    this.#leave.push(this.#client.follow(`room:${this.roomId}`, 'log', follower, position));
  }

  #hear(update: RoomUpdate): void {
    const sequence = update.message?.sequence ?? 0;
    if (sequence > this.newest) this.arrived += 1;
    this.newest = Math.max(this.newest, sequence);
    if (update.kind === 'room' && update.room) this.#setRoom(update.room);
    else if (update.kind === 'members') this.members = update.members ?? [];
    else if (update.kind === 'topic') this.#hearTopic(update.topic ?? null);
    else if (this.#isElsewhere(update)) return;
    else if (!this.#isBeyond(update)) {
      const merged = applyUpdate(this.messages, update);
      if (merged.outcome === 'reload') void this.#findOut(update.message_id ?? '');
      if (merged.outcome === 'changed') this.messages = merged.messages;
      if (update.message?.client_id) this.discard(update.message.client_id);
    }
  }

  #hearTopic(topic: Topic | null): void {
    this.topicsTold += 1;
    if (topic && topic.id === this.topic) this.subject = topic;
  }

  /** Whether an update is about a message of another stream; one that was moved there is no longer shown here. */
  #isElsewhere(update: RoomUpdate): boolean {
    const { message } = update;
    if (!message) return this.#elsewhere.has(update.message_id ?? '');
    const here = (message.topic_id ?? '') === this.topic;
    if (here) this.#elsewhere.delete(message.id);
    else {
      this.#elsewhere.add(message.id);
      if (this.messages.some((each) => each.id === message.id)) {
        this.messages = this.messages.filter((each) => each.id !== message.id);
      }
    }
    return !here;
  }

  /** Read what was missed; a message that is not among it then is one of another stream. */
  async #findOut(id: string): Promise<void> {
    await this.#reload();
    if (id && !this.messages.some((each) => each.id === id)) this.#elsewhere.add(id);
  }

  /** Whether an update is about a message that is not shown because it comes after a gap. */
  #isBeyond(update: RoomUpdate): boolean {
    const id = update.message?.id ?? update.message_id;
    return this.behind && !this.messages.some((message) => message.id === id);
  }

  #show(page: HistoryPage): void {
    this.messages = [];
    this.hasOlder = page.next_cursor !== null;
    this.behind = page.newer;
    this.#take(page.items);
  }

  /** Read the newest page again, after something was missed; one at a time. */
  #reload(): Promise<void> {
    this.#reloading ??= this.#history({})
      .then((page) => {
        if (this.behind) return;
        const oldest = page.items[0]?.sequence ?? 0;
        const newest = this.messages.at(-1)?.sequence ?? 0;
        // Too much was missed to join the two: begin with the newest page, older ones load on scrolling.
        if (oldest > newest + 1) {
          this.messages = [];
          this.hasOlder = page.next_cursor !== null;
        }
        this.#take(page.items);
      })
      .catch(() => undefined)
      .finally(() => {
        this.#reloading = null;
      });
    return this.#reloading;
  }

  #setRoom(told: Room): void {
    const room = keepOwn(told, this.room);
    this.room = room;
    // What has expired is in no history any more.
    if (this.messages.some((each) => each.sequence <= room.floor)) {
      this.messages = this.messages.filter((each) => each.sequence > room.floor);
    }
    this.onRoom(room);
  }

  #put(message: Message): void {
    this.newest = Math.max(this.newest, message.sequence);
    if (message.client_id) this.discard(message.client_id);
    if ((message.topic_id ?? '') !== this.topic) return;
    // Who reads an older place sees it again at the newest.
    if (this.behind && !this.messages.some((each) => each.id === message.id)) return;
    this.messages = putMessage(this.messages, message).messages;
  }

  #take(items: Message[]): void {
    this.newest = Math.max(this.newest, items.at(-1)?.sequence ?? 0);
    this.messages = putHistory(this.messages, items);
    for (const message of items) if (message.client_id) this.discard(message.client_id);
  }

  #letGoOfNewer(): void {
    if (this.messages.length <= MOST_SHOWN) return;
    this.messages = this.messages.slice(0, MOST_SHOWN);
    this.behind = true;
  }

  #letGoOfOlder(): void {
    if (this.messages.length <= MOST_SHOWN) return;
    this.messages = this.messages.slice(-MOST_SHOWN);
    this.hasOlder = true;
  }

  #getRoom(): Promise<Room> {
    return call(api.GET('/api/v1/rooms/{room_id}', this.#path()));
  }

  async #getTopic(): Promise<Topic | null> {
    if (!this.topic) return null;
    const path = { room_id: this.roomId, topic_id: this.topic };
    return call(api.GET('/api/v1/rooms/{room_id}/topics/{topic_id}', { params: { path } }));
  }

  /** The stream in which a message stands, by its sequence: a topic's id, empty for the main one, null for none. */
  async streamOf(sequence: number): Promise<string | null> {
    const path = { room_id: this.roomId };
    const query = { around: sequence, limit: 1 };
    const page = await call(api.GET('/api/v1/rooms/{room_id}/messages', { params: { path, query } }));
    const found = page.items.find((message) => message.sequence === sequence);
    return found ? (found.topic_id ?? '') : null;
  }

  #history(where: { before?: number; around?: number; after?: number; at?: string }): Promise<HistoryPage> {
    const query = { limit: PAGE, topic: this.topic || 'main', ...where };
    const path = { room_id: this.roomId };
    return call(api.GET('/api/v1/rooms/{room_id}/messages', { params: { path, query } }));
  }

  #path() {
    return { params: { path: { room_id: this.roomId } } };
  }

  #messagePath(message: Message) {
    return { params: { path: { room_id: this.roomId, message_id: message.id } } };
  }
}
