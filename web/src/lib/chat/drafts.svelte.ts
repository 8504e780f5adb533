/** What one has written and not sent, the same on all devices: saved after a pause, and the last one counts. */
import { api, call } from '$lib/api/client';
import type { SavedDraft } from '$lib/api/types';

const PAUSE_MS = 800;

class Drafts {
  #known = $state.raw(new Map<string, SavedDraft>());
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** The draft of a room that the server has, if any; an empty text says that it was let go of. */
  of(roomId: string): SavedDraft | undefined {
    return this.#known.get(roomId);
  }

  has(roomId: string): boolean {
    return (this.of(roomId)?.text ?? '').trim() !== '';
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

  /** Save a room's draft in a moment, or at once when it was sent. */
  write(roomId: string, text: string): void {
    clearTimeout(this.#timers.get(roomId));
    const save = (): void => {
      this.#timers.delete(roomId);
      void this.#save(roomId, text);
    };
    if (text === '') save();
    else this.#timers.set(roomId, setTimeout(save, PAUSE_MS));
  }

  /** Whether this device has words of a room that are not saved yet: they are newer than what it hears. */
  isWriting(roomId: string): boolean {
    return this.#timers.has(roomId);
  }

  forget(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#known = new Map();
  }

  async #save(roomId: string, text: string): Promise<void> {
    if (text === (this.of(roomId)?.text ?? '')) return;
    try {
      const params = { path: { room_id: roomId } };
      this.#take(await call(api.PUT('/api/v1/rooms/{room_id}/draft', { params, body: { text } })));
    } catch {
      // It stays in this browser, and is saved with the next change.
    }
  }

  #take(draft: SavedDraft): void {
    if (draft.topic_id !== null || (this.of(draft.room_id)?.version ?? 0) >= draft.version) return;
    this.#known = new Map(this.#known).set(draft.room_id, draft);
  }
}

export const drafts = new Drafts();
