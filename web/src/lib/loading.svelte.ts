/** Something that a page reads from the server, and reads again after changing it. */
import { describe } from '$lib/api/problem';

export class Loading<T> {
  value = $state.raw<T | null>(null);
  failure = $state('');
  #read: () => Promise<T>;
  #generation = 0;

  constructor(read: () => Promise<T>) {
    this.#read = read;
    void this.load();
  }

  /** Read anew; what was there stays until then. The last call wins. */
  async load(): Promise<void> {
    const generation = ++this.#generation;
    this.failure = '';
    try {
      const value = await this.#read();
      if (generation === this.#generation) this.value = value;
    } catch (error) {
      if (generation === this.#generation) this.failure = describe(error);
    }
  }

  set(value: T): void {
    this.#generation += 1;
    this.value = value;
  }
}
