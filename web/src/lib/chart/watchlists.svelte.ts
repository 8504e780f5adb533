/** The person's watchlists, the one that is shown, and its prices as they come in. */
import { api, call } from '$lib/api/client';
import { describe } from '$lib/api/problem';
import type { LiveBar, Watchlist, WatchlistView } from '$lib/api/types';
import type { RealtimeClient } from '$lib/realtime/client';
import { recall, remember } from '$lib/storage';

export interface WatchRow {
  symbol: string;
  name: string;
  price: number | null;
  /** Percent since the close of the session before. */
  change: number | null;
  closes: number[];
}

export class Watchlists {
  lists = $state.raw<Watchlist[]>([]);
  shown = $state.raw<WatchlistView | null>(null);
  error = $state('');
  loaded = $state(false);
  #live = $state.raw<ReadonlyMap<string, LiveBar>>(new Map());
  #client: RealtimeClient;
  #owner: string;
  #leave: (() => void)[] = [];

  constructor(client: RealtimeClient, owner: string) {
    [this.#client, this.#owner] = [client, owner];
  }

  readonly rows = $derived.by<WatchRow[]>(() =>
    (this.shown?.rows ?? []).map(({ symbol, name, quote, closes }) => {
      const live = this.#live.get(symbol);
      const price = live?.close ?? quote?.price ?? null;
      const before = quote?.previous_close ?? null;
      // A replayed price has no yesterday that is known here.
      const moved = live ? (live.replayed ? null : before && price ? (price / before - 1) * 100 : null) : null;
      return { symbol, name, price, change: live ? moved : (quote?.change_percent ?? null), closes: [...closes] };
    }),
  );

  async open(): Promise<void> {
    await this.#try(async () => {
      this.lists = await call(api.GET('/api/v1/watchlists'));
      this.loaded = true;
      const wanted = recall<string | null>(this.#owner, 'chart.watchlist', null);
      const list = this.lists.find((each) => each.id === wanted) ?? this.lists[0];
      if (list) await this.show(list.id);
    });
  }

  close(): void {
    this.#leave.forEach((leave) => leave());
    this.#leave = [];
  }

  async show(id: string): Promise<void> {
    await this.#try(async () => {
      const params = { path: { watchlist_id: id } };
      this.shown = await call(api.GET('/api/v1/watchlists/{watchlist_id}', { params }));
      remember(this.#owner, 'chart.watchlist', id);
      this.#follow();
    });
  }

  async make(name: string, symbols: string[]): Promise<void> {
    await this.#try(async () => {
      const made = await call(api.POST('/api/v1/watchlists', { body: { name, symbols, shared: false } }));
      this.lists = [...this.lists, made];
      await this.show(made.id);
    });
  }

  async remove(): Promise<void> {
    const id = this.shown?.watchlist.id;
    if (!id) return;
    await this.#try(async () => {
      await call(api.DELETE('/api/v1/watchlists/{watchlist_id}', { params: { path: { watchlist_id: id } } }));
      this.close();
      this.shown = null;
      await this.open();
    });
  }

  add(symbol: string): Promise<void> {
    const symbols = this.shown?.watchlist.symbols ?? [];
    return symbols.includes(symbol) ? Promise.resolve() : this.#change([...symbols, symbol]);
  }

  drop(symbol: string): Promise<void> {
    return this.#change((this.shown?.watchlist.symbols ?? []).filter((each) => each !== symbol));
  }

  /** Move a symbol up or down by one. */
  move(symbol: string, by: 1 | -1): Promise<void> {
    const symbols = [...(this.shown?.watchlist.symbols ?? [])];
    const [from, to] = [symbols.indexOf(symbol), symbols.indexOf(symbol) + by];
    const other = symbols[to];
    if (from < 0 || other === undefined) return Promise.resolve();
    [symbols[from], symbols[to]] = [other, symbol];
    return this.#change(symbols);
  }

  async #change(symbols: string[]): Promise<void> {
    const list = this.shown?.watchlist;
    if (!list) return;
    await this.#try(async () => {
      const body = { name: list.name, shared: list.shared, version: list.version, symbols };
      await call(api.PUT('/api/v1/watchlists/{watchlist_id}', { params: { path: { watchlist_id: list.id } }, body }));
      await this.show(list.id);
    });
  }

  #follow(): void {
    this.close();
    this.#live = new Map();
    this.#leave = (this.shown?.rows ?? []).map(({ symbol }) =>
      this.#client.follow(`quotes:${symbol}`, 'latest', {
        onUpdate: (data) => {
          this.#live = new Map(this.#live).set(symbol, data as LiveBar);
        },
      }),
    );
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error = '';
    } catch (error) {
      this.error = describe(error);
    }
  }
}
