/** What the person chose to be: their state, their status, and whether they show receipts. */
import { api, call } from '$lib/api/client';
import type { Standing } from '$lib/api/types';

export const AUTOMATIC: Standing = { state: 'auto', until: null, text: '', emoji: '', receipts: true };

export const CHOICES: { state: Standing['state']; name: string; hint: string }[] = [
  { state: 'auto', name: 'Automatic', hint: 'Here while you use Outcry, idle after five minutes, else away.' },
  { state: 'do_not_disturb', name: 'Do not disturb', hint: 'Others see that you would rather not be written to.' },
  { state: 'away', name: 'Away', hint: 'You look away also while you are here.' },
  { state: 'invisible', name: 'Invisible', hint: 'You look away. Nobody sees that you type or read.' },
];

class MyStanding {
  mine = $state.raw<Standing>(AUTOMATIC);
  loaded = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  async load(): Promise<void> {
    this.#take(await call(api.GET('/api/v1/presence')));
  }

  async choose(change: Partial<Standing>): Promise<void> {
    this.#take(await call(api.PUT('/api/v1/presence', { body: { ...this.mine, ...change } })));
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.mine = AUTOMATIC;
    this.loaded = false;
  }

  #take(standing: Standing): void {
    this.mine = standing;
    this.loaded = true;
    clearTimeout(this.#timer);
    const left = standing.until ? new Date(standing.until).getTime() - Date.now() : Infinity;
    // A browser's timer goes no further than 24 days.
    if (left < 2 ** 31) this.#timer = setTimeout(() => void this.load().catch(() => undefined), left + 500);
  }
}

export const standing = new MyStanding();
