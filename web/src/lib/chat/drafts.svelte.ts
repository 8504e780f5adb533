/** What one has written and not sent, the same on all devices: saved after a pause, and the last one counts. */
import { api, call } from '$lib/api/client';
import type { SavedDraft } from '$lib/api/types';

const PAUSE_MS = 800;

/** Where a draft belongs: a room's main stream, or a topic of it. */
function placeOf(roomId: string, topic: string | null | undefined): string {
  return topic ? `${roomId}.${topic}` : roomId;
}

function isText(draft: SavedDraft | undefined): boolean {
  return (draft?.text ?? '').trim() !== '';
}

class Drafts {
  #known = $state.raw(new Map<string, SavedDraft>());
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** The draft that the server has of a topic or the main stream, if any; an empty text says that it was let go of. */
  of(roomId: string, topic = ''): SavedDraft | undefined {
    return this.#known.get(placeOf(roomId, topic));
  }

  has(roomId: string, topic = ''): boolean {
    return isText(this.of(roomId, topic));
  }

  /** Whether there is a draft anywhere in a room but in this stream. */
  hasOther(roomId: string, topic: string | null): boolean {
    return [...this.#known.values()].some(
      (each) => each.room_id === roomId && (each.topic_id ?? '') !== topic && isText(each),
    );
  }

  async load(): Promise<void> {
    try {
      for (const draft of await call(api.GET('/api/v1/drafts'))) this.#take(draft);
    } catch {
      // What this browser remembers is still there.
    }
  }

  /** The person's own topic told of a draft. */
  hear(draft: SavedDraft): void {
    this.#take(draft);
  }

  /** Save a draft in a moment, or at once when it was sent. */
  write(roomId: string, topic: string, text: string): void {
    const place = placeOf(roomId, topic);
    clearTimeout(this.#timers.get(place));
    const save = (): void => {
      this.#timers.delete(place);
      void this.#save(roomId, topic, text);
    };
    if (text === '') save();
    else this.#timers.set(place, setTimeout(save, PAUSE_MS));
  }

  /** Whether this device has words that are not saved yet: they are newer than what it hears. */
  isWriting(roomId: string, topic: string): boolean {
    return this.#timers.has(placeOf(roomId, topic));
  }

  forget(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#known = new Map();
  }

  async #save(roomId: string, topic: string, text: string): Promise<void> {
    if (text === (this.of(roomId, topic)?.text ?? '')) return;
    try {
      const params = { path: { room_id: roomId } };
      const body = { text, topic_id: topic || null };
      this.#take(await call(api.PUT('/api/v1/rooms/{room_id}/draft', { params, body })));
    } catch {
      // It stays in this browser, and is saved with the next change.
    }
  }

  #take(draft: SavedDraft): void {
    const place = placeOf(draft.room_id, draft.topic_id);
    if ((this.#known.get(place)?.version ?? 0) >= draft.version) return;
    this.#known = new Map(this.#known).set(place, draft);
  }
}

export const drafts = new Drafts();
