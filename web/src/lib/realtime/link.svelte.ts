/** The page's one realtime socket, tied to the session. */
import { api, call } from '$lib/api/client';
import { session } from '$lib/session/session.svelte';
import { RealtimeClient, type LinkState } from './client';

const PATIENCE = 1500;

class Link {
  state = $state<LinkState>('idle');
  /** Whether the connection has been away long enough to say so. */
  away = $state(false);
  /** The browser says that there is no network at all. */
  offline = $state(!navigator.onLine);
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly client = new RealtimeClient({
    url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/realtime`,
    ticket: async (refused) => {
      const token = refused ? await session.renew(session.token()) : (session.token() ?? (await session.renew(null)));
      // The token may be too old for a ticket after a long sleep: the client then renews it by itself.
      return token ? (await call(api.POST('/api/v1/realtime/tickets'))).ticket : null;
    },
    onState: (state) => this.#changed(state),
  });

  constructor() {
    session.onRenewed = (token) => this.client.renew(token);
    window.addEventListener('online', () => {
      this.offline = false;
      this.client.hurry();
    });
    window.addEventListener('offline', () => (this.offline = true));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.client.hurry();
    });
  }

  start(): void {
    this.client.start();
  }

  #changed(state: LinkState): void {
    this.state = state;
    if (state === 'open' || state === 'idle') {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.away = false;
    } else {
      this.#timer ??= setTimeout(() => {
        this.away = this.state !== 'open' && this.state !== 'idle';
      }, PATIENCE);
    }
  }
}

export const link = new Link();
