/**
 * What a person wrote and the server does not have yet. It survives a reload and a lost connection: stored before it is
 * sent, sent again under the same client id until the server has it or refuses it, the messages of a room in their order.
 * Tabs of one account share it; one of them sends at a time.
 */
import { describe, Problem } from '$lib/api/problem';
import { newKey } from '$lib/api/keys';
import type { Message, MessageFile } from '$lib/api/types';
import { backoff } from '$lib/realtime/backoff';
import type { MessageExtra, Outgoing } from './outgoing';

export interface OutboxStore {
  list(account: string): Promise<Outgoing[]>;
  has(account: string, clientId: string): Promise<boolean>;
  put(account: string, item: Outgoing): Promise<void>;
  remove(account: string, clientId: string): Promise<void>;
}

/** Another tab's news: an item as it is now, or that it is gone. */
export interface OutboxNews {
  account: string;
  clientId: string;
  item: Outgoing | null;
}

export interface OutboxOptions {
  store: OutboxStore;
  /** Post it; throws a Problem. */
  post: (item: Outgoing) => Promise<Message>;
  /** Do what no other tab does meanwhile. */
  alone: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  tell: (news: OutboxNews) => void;
  wait?: (attempt: number) => number;
}

/** Whether trying again may help: no connection, a server that is busy or restarts, a session that is renewed. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof Problem) || [0, 401, 408, 429].includes(error.status) || error.status >= 500;
}

export class Outbox {
  items = $state.raw<readonly Outgoing[]>([]);
  /** Told each message that was posted, before its item is gone. */
  readonly posted = new Set<(message: Message) => void>();
  #options: OutboxOptions;
  #account = '';
  #working = new Set<string>();
  /** What is being stored now. */
  #keeping = new Map<string, Promise<void>>();
  #attempts = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** How many wait for the connection. */
  get waiting(): number {
    return this.items.filter((item) => item.state !== 'failed').length;
  }

  of(roomId: string): readonly Outgoing[] {
    return this.items.filter((item) => item.roomId === roomId);
  }

  /** Take up what an account has left. */
  async open(account: string): Promise<void> {
    this.close();
    this.#account = account;
    const left = await this.#options.store.list(account);
    if (this.#account !== account) return;
    const known = new Set(this.items.map((item) => item.clientId));
    const more = left.filter((item) => !known.has(item.clientId));
    // What was under way when the page went may be there or not; its client id makes sure that it is there once.
    const resumed = more.map((item) => (item.state === 'failed' ? item : { ...item, state: 'waiting' as const }));
    this.items = [...resumed, ...this.items].sort((a, b) => a.at - b.at);
    this.hurry();
  }

  /** Somebody else comes to the page; what is left stays stored. */
  close(): void {
    clearTimeout(this.#retry);
    this.#account = '';
    this.#attempts = 0;
    this.items = [];
  }

  async send(
    roomId: string,
    text: string,
    extra: MessageExtra = {},
    files: readonly MessageFile[] = [],
  ): Promise<void> {
    const at = Math.max(Date.now(), (this.items.at(-1)?.at ?? 0) + 1);
    const kept = files.length > 0 ? { files } : {};
    const item: Outgoing = { clientId: newKey(), roomId, text, extra, ...kept, at, state: 'sending', error: '' };
    this.items = [...this.items, item];
    await this.#keep(item);
    await this.#work(roomId);
  }

  /** Try one again that the server refused. */
  async again(clientId: string): Promise<void> {
    const item = this.#find(clientId);
    if (!item) return;
    await this.#change(item, { state: 'waiting', error: '' });
    await this.#work(item.roomId);
  }

  /** Forget one: it is posted, or not wanted any more. */
  async discard(clientId: string): Promise<void> {
    if (!this.#find(clientId)) return;
    this.items = this.items.filter((item) => item.clientId !== clientId);
    const account = this.#account;
    await this.#options.store.remove(account, clientId);
    this.#options.tell({ account, clientId, item: null });
  }

  /** Try at once: the connection is back. */
  hurry(): void {
    clearTimeout(this.#retry);
    for (const roomId of new Set(this.items.map((item) => item.roomId))) void this.#work(roomId);
  }

  /** Another tab changed something. */
  hear({ account, clientId, item }: OutboxNews): void {
    if (account !== this.#account) return;
    const others = this.items.filter((each) => each.clientId !== clientId);
    this.items = item ? [...others, item].sort((a, b) => a.at - b.at) : others;
  }

  /** Send what a room has, one after the other, until something must wait. */
  async #work(roomId: string): Promise<void> {
    if (this.#working.has(roomId)) return;
    this.#working.add(roomId);
    const account = this.#account;
    try {
      for (let next = this.#first(roomId); next && account === this.#account; next = this.#first(roomId)) {
        const { clientId } = next;
        const done = await this.#options.alone(`outcry.outbox.${account}.${roomId}`, () => this.#post(clientId));
        if (!done) return this.#later();
      }
    } finally {
      this.#working.delete(roomId);
    }
  }

  /** Whether the next one may go: this one is posted, refused or gone. */
  async #post(clientId: string): Promise<boolean> {
    await this.#keeping.get(clientId);
    const item = this.#find(clientId);
    if (!item) return true;
    if (!(await this.#options.store.has(this.#account, clientId))) {
      // Another tab sent it while this one waited for its turn.
      this.items = this.items.filter((each) => each.clientId !== clientId);
      return true;
    }
    await this.#change(item, { state: 'sending', error: '' });
    try {
      const message = await this.#options.post(item);
      this.#attempts = 0;
      for (const tell of this.posted) tell(message);
      await this.discard(clientId);
      return true;
    } catch (error) {
      const present = this.#find(clientId);
      const passing = isPassing(error);
      if (present) await this.#change(present, { state: passing ? 'waiting' : 'failed', error: describe(error) });
      return !passing;
    }
  }

  #later(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.hurry(), (this.#options.wait ?? backoff)(this.#attempts));
    this.#attempts += 1;
  }

  #first(roomId: string): Outgoing | undefined {
    return this.items.find((item) => item.roomId === roomId && item.state !== 'failed');
  }

  #find(clientId: string): Outgoing | undefined {
    return this.items.find((item) => item.clientId === clientId);
  }

  async #change(item: Outgoing, changes: Partial<Outgoing>): Promise<void> {
    const changed = { ...item, ...changes };
    this.items = this.items.map((each) => (each.clientId === item.clientId ? changed : each));
    await this.#keep(changed);
  }

  #keep(item: Outgoing): Promise<void> {
    const { clientId } = item;
    const account = this.#account;
    const keeping = this.#options.store.put(account, item).then(() => {
      if (this.#keeping.get(clientId) === keeping) this.#keeping.delete(clientId);
      this.#options.tell({ account, clientId, item });
    });
    this.#keeping.set(clientId, keeping);
    return keeping;
  }
}
