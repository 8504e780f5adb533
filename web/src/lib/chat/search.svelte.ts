/** A search over messages: what was found so far, and more of it. */
import { api, call } from '$lib/api/client';
import { describe } from '$lib/api/problem';
import type { FoundMessage } from '$lib/api/types';

const PAGE = 20;

export class MessageSearch {
  found = $state.raw<FoundMessage[]>([]);
  loading = $state(false);
  /** Why nothing could be searched for: what is wrong with the words, or the connection. */
  error = $state('');
  /** What the shown messages were found by; empty before the first answer. */
  answered = $state('');
  #cursor = $state<string | null>(null);
  #controller = new AbortController();

  get more(): boolean {
    return this.#cursor !== null;
  }

  /** Search anew; an older search that is not answered yet is given up. */
  async ask(query: string): Promise<void> {
    this.stop();
    if (!query.trim()) {
      this.found = [];
      this.#cursor = null;
      this.error = this.answered = '';
      return;
    }
    await this.#load(query, null);
  }

  async loadMore(): Promise<void> {
    if (this.#cursor && !this.loading) await this.#load(this.answered, this.#cursor);
  }

  stop(): void {
    this.#controller.abort();
    this.loading = false;
  }

  async #load(query: string, cursor: string | null): Promise<void> {
    const { signal } = (this.#controller = new AbortController());
    this.loading = true;
    try {
      const params = { query: { query, limit: PAGE, ...(cursor ? { cursor } : {}) } };
      const page = await call(api.GET('/api/v1/messages/search', { params, signal }));
      if (signal.aborted) return;
      this.found = cursor ? [...this.found, ...page.items] : page.items;
      this.#cursor = page.next_cursor ?? null;
      this.answered = query;
      this.error = '';
    } catch (error) {
      if (signal.aborted) return;
      this.error = describe(error);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }
}
