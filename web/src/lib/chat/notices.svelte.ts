/** Notices by the browser: of what is said while the page is out of sight, once a message, whichever tab shows it. */
import { goto } from '$app/navigation';
import { api, call } from '$lib/api/client';
import type { Message, Notice, Room } from '$lib/api/types';
import { roomName } from './naming';

const LONGEST_TEXT = 160;
const SHOWN_LOCK = 'outcry.in-sight';

export type Allowed = NotificationPermission | 'impossible';

/** What a notice says: who wrote where, and how it begins. */
export function wordsOf(message: Message, room: Room, me: string): { title: string; body: string } {
  const name = roomName(room, me);
  const title = room.kind === 'direct' ? message.author.name : `${message.author.name} in ${name}`;
  const line = message.text.replace(/\s+/g, ' ').trim();
  return { title, body: line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT - 1)}…` : line };
}

class Notices {
  allowed = $state<Allowed>('Notification' in globalThis ? Notification.permission : 'impossible');
  #inSight: (() => void) | null = null;

  /** Ask the browser, which asks the person; only a click may do that. */
  async ask(): Promise<void> {
    if (this.allowed !== 'impossible') this.allowed = await Notification.requestPermission();
  }

  /** Say to the other tabs whether this one is looked at: then they show nothing. */
  watch(): () => void {
    const changed = (): void => {
      if (document.visibilityState === 'visible') this.#hold();
      else this.#release();
    };
    changed();
    document.addEventListener('visibilitychange', changed);
    return () => {
      document.removeEventListener('visibilitychange', changed);
      this.#release();
    };
  }

  /** Take over what the person's own topic tells. */
  hear(update: { kind: string }, me: string): void {
    if (update.kind !== 'notice') return;
    const told = update as Notice;
    if (this.allowed !== 'granted' || document.visibilityState === 'visible') return;
    // One tab shows it; the lock is held until it is shown.
    const lock = `outcry.notice.${told.message_id}`;
    void navigator.locks
      ?.request(lock, { ifAvailable: true }, (mine) => (mine ? this.#show(told, me) : undefined))
      .catch(() => undefined);
  }

  async #show(told: Notice, me: string): Promise<void> {
    const { held } = await navigator.locks.query();
    if (held?.some((lock) => lock.name === SHOWN_LOCK)) return;
    const path = { room_id: told.room_id };
    const [message, room] = await Promise.all([
      call(
        api.GET('/api/v1/rooms/{room_id}/messages/{message_id}', {
          params: { path: { ...path, message_id: told.message_id } },
        }),
      ),
      call(api.GET('/api/v1/rooms/{room_id}', { params: { path } })),
    ]);
    if (!message.text) return;
    const { title, body } = wordsOf(message, room, me);
    // The tag puts it in the place of an earlier one of the same message.
    const notice = new Notification(title, { body, tag: told.message_id, icon: '/favicon.svg' });
    notice.onclick = () => {
      window.focus();
      notice.close();
      void goto(`/c/${told.room_id}?at=${told.sequence}`);
    };
  }

  #hold(): void {
    if (this.#inSight || !navigator.locks) return;
    const held = new Promise<void>((resolve) => (this.#inSight = resolve));
    // Shared: several windows may be in sight at once.
    void navigator.locks.request(SHOWN_LOCK, { mode: 'shared' }, () => held).catch(() => undefined);
  }

  #release(): void {
    this.#inSight?.();
    this.#inSight = null;
  }
}

export const notices = new Notices();
