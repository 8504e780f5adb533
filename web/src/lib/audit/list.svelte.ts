/** The entries that fit the filters, the newest first, and more of them as one scrolls. */
import type { AuditEntry } from '$lib/api/types';
import { describe } from '$lib/api/problem';
import { audit } from './api';
import type { Query } from './filter';

export class Entries {
  items = $state.raw<AuditEntry[]>([]);
  busy = $state(false);
  failure = $state('');
  ended = $state(false);
  #query: Query = {};
  #cursor: string | null = null;
  #generation = 0;

  /** Begin anew with other filters. */
  async begin(query: Query): Promise<void> {
    this.#query = query;
    this.#cursor = null;
    this.#generation += 1;
    this.items = [];
    this.ended = false;
    this.busy = false;
    await this.more();
  }

  /** Read the next page, unless one is being read. */
  async more(): Promise<void> {
    if (this.busy || this.ended) return;
    const generation = this.#generation;
    this.busy = true;
    this.failure = '';
    try {
      const page = await audit.entries(this.#query, this.#cursor);
      if (generation !== this.#generation) return;
      this.items = [...this.items, ...page.items];
      this.#cursor = page.next_cursor ?? null;
      this.ended = this.#cursor === null;
    } catch (error) {
      if (generation === this.#generation) this.failure = describe(error);
    } finally {
      if (generation === this.#generation) this.busy = false;
    }
  }
}
