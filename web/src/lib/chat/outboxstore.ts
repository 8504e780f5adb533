/** Where the outbox is kept: the browser's database, or this page's memory where the browser forbids that. */
import type { OutboxStore } from './outbox.svelte';
import type { Outgoing } from './outgoing';

interface Entry extends Outgoing {
  account: string;
}

const STORE = 'outbox';

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The browser stored nothing.'));
  });
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open('outcry', 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(STORE, { keyPath: ['account', 'clientId'] });
    store.createIndex('account', 'account');
  };
  return settled(request);
}

export class MemoryOutbox implements OutboxStore {
  #entries = new Map<string, Entry>();

  list(account: string): Promise<Outgoing[]> {
    const kept = [...this.#entries.values()].filter((entry) => entry.account === account);
    return Promise.resolve(kept.map(({ account: _account, ...item }) => item));
  }

  has(account: string, clientId: string): Promise<boolean> {
    return Promise.resolve(this.#entries.has(`${account} ${clientId}`));
  }

  put(account: string, item: Outgoing): Promise<void> {
    this.#entries.set(`${account} ${item.clientId}`, { ...item, account });
    return Promise.resolve();
  }

  remove(account: string, clientId: string): Promise<void> {
    this.#entries.delete(`${account} ${clientId}`);
    return Promise.resolve();
  }
}

/** The browser's database; what it does not take (it is forbidden, or full) this page keeps in its memory. */
export class BrowserOutbox implements OutboxStore {
  #opened: Promise<IDBDatabase> | null = null;
  #memory = new MemoryOutbox();

  async list(account: string): Promise<Outgoing[]> {
    const kept = (await this.#do('readonly', (store) => store.index('account').getAll(account), [])) as Entry[];
    const items = kept.map(({ account: _account, ...item }): Outgoing => item);
    return [...items, ...(await this.#memory.list(account))];
  }

  async has(account: string, clientId: string): Promise<boolean> {
    const count = await this.#do('readonly', (store) => store.count([account, clientId]), 0);
    return count > 0 || this.#memory.has(account, clientId);
  }

  async put(account: string, item: Outgoing): Promise<void> {
    const kept = await this.#do('readwrite', (store) => store.put({ ...item, account }), null);
    await (kept === null ? this.#memory.put(account, item) : this.#memory.remove(account, item.clientId));
  }

  async remove(account: string, clientId: string): Promise<void> {
    await this.#memory.remove(account, clientId);
    await this.#do('readwrite', (store) => store.delete([account, clientId]), undefined);
  }

  async #do<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>, otherwise: T): Promise<T>;
  async #do<T, U>(
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<T>,
    otherwise: U,
  ): Promise<T | U>;
  async #do<T, U>(
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<T>,
    otherwise: U,
  ): Promise<T | U> {
    try {
      this.#opened ??= openDatabase();
      const database = await this.#opened;
      return await settled(ask(database.transaction(STORE, mode).objectStore(STORE)));
    } catch {
      return otherwise;
    }
  }
}
