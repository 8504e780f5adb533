/** Who is typing in a room, and that this person does. */
import type { Typing, Typist } from '$lib/api/types';
import type { RealtimeClient } from '$lib/realtime/client';

/** Said again this often while somebody goes on; the server forgets after six seconds. */
export const AGAIN_MS = 3000;
/** Without a new word for so long the word that it is over was lost. */
export const FORGET_MS = 30_000;

type Client = Pick<RealtimeClient, 'follow' | 'signal'>;

export class RoomTyping {
  people = $state.raw<readonly Typist[]>([]);
  count = $state(0);
  #roomId: string;
  #client: Client;
  #leave: () => void;
  #saidAt = -Infinity;
  #forget: ReturnType<typeof setTimeout> | undefined;

  constructor(roomId: string, client: Client) {
    this.#roomId = roomId;
    this.#client = client;
    this.#leave = client.follow(`typing:${roomId}`, 'latest', {
      onUpdate: (data) => this.#hear(data as Typing),
      onError: () => this.#take([], 0),
    });
  }

  /** The person typed a character, or emptied the field. */
  typed(empty: boolean): void {
    const now = Date.now();
    if (empty) this.stopped();
    else if (now - this.#saidAt >= AGAIN_MS) {
      this.#saidAt = now;
      this.#client.signal('chat.typing', { room_id: this.#roomId, typing: true });
    }
  }

  /** The person sent it, or left the field empty. */
  stopped(): void {
    if (this.#saidAt === -Infinity) return;
    this.#saidAt = -Infinity;
    this.#client.signal('chat.typing', { room_id: this.#roomId, typing: false });
  }

  /** The message is on its way, and ends the typing by itself. */
  sent(): void {
    this.#saidAt = -Infinity;
  }

  close(): void {
    this.stopped();
    clearTimeout(this.#forget);
    this.#leave();
  }

  #hear(typing: Typing): void {
    this.#take(typing.people, typing.count);
    clearTimeout(this.#forget);
    if (typing.count > 0) this.#forget = setTimeout(() => this.#take([], 0), FORGET_MS);
  }

  #take(people: readonly Typist[], count: number): void {
    this.people = people;
    this.count = count;
  }
}

/** The line that says who types, without the person who reads it. */
export function typingLine(people: readonly Typist[], count: number, me: string): string {
  const mine = people.some((each) => each.person_id === me);
  const names = people.filter((each) => each.person_id !== me).map((each) => each.name);
  const others = count - (mine ? 1 : 0);
  const [first, second] = names;
  if (others <= 0 || !first) return '';
  if (others === 1) return `${first} is typing…`;
  if (others === 2 && second) return `${first} and ${second} are typing…`;
  return `${first} and ${others - 1} others are typing…`;
}
