/** The review queue, for who looks after rooms: how much waits for them, and news of it. */
import { api, call } from '$lib/api/client';
import { session } from '$lib/session/session.svelte';

class Reviews {
  /** Grows whenever something was reported or decided. */
  told = $state(0);
  /** How many wait for the person's decision; the server counts up to 100. */
  open = $state(0);
  #asked = 0;

  async load(): Promise<void> {
    const mine = ++this.#asked;
    if (!session.may('chat:review:manage')) return this.forget();
    // What cannot be asked now stays as it was; the next news asks again.
    const counted = await call(api.GET('/api/v1/reviews/count')).catch(() => null);
    if (counted && mine === this.#asked) this.open = counted.open;
  }

  hear(): void {
    this.told += 1;
    void this.load();
  }

  forget(): void {
    this.#asked += 1;
    this.open = 0;
  }
}

export const reviews = new Reviews();
