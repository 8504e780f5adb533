/** What a person adds to the message that they write: it goes out at once, and the message takes it along. */
import { describe } from '$lib/api/problem';
import { newKey } from '$lib/api/keys';
import type { MessageFile } from '$lib/api/types';
import type { UploadOptions } from '$lib/api/uploading';
import { isPassing } from '$lib/chat/outbox.svelte';
import { backoff } from '$lib/realtime/backoff';

export const MOST_FILES = 10;
const AT_ONCE = 2;
/** How often it is tried again by itself what a busy server or the connection kept from going out. */
const MOST_TRIES = 6;

export interface Attached {
  id: string;
  file: File;
  /** The address of a picture of it; empty when it is none. */
  preview: string;
  state: 'waiting' | 'sending' | 'ready' | 'failed';
  /** How much of it has gone out, 0 to 1. */
  share: number;
  error: string;
  /** The connection or a busy server was to blame: it is tried again by itself. */
  passing: boolean;
  tries: number;
  sent: MessageFile | null;
}

export interface AttachingOptions {
  upload: (file: File, options: UploadOptions) => Promise<MessageFile>;
  discard: (file: MessageFile) => Promise<void>;
  preview: (file: File) => string;
  release: (preview: string) => void;
  wait?: (attempt: number) => number;
}

export class Attaching {
  items = $state.raw<readonly Attached[]>([]);
  /** Why something was not added. */
  note = $state('');
  #options: AttachingOptions;
  #stops = new Map<string, AbortController>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(options: AttachingOptions) {
    this.#options = options;
  }

  /** Something is still on its way, or did not get there. */
  get held(): boolean {
    return this.items.some((item) => item.state !== 'ready');
  }

  add(files: readonly File[]): void {
    const room = MOST_FILES - this.items.length;
    this.note = files.length > room ? `A message takes ${MOST_FILES} files at most.` : '';
    const added = files.slice(0, room).map((file): Attached => {
      const preview = this.#options.preview(file);
      const fresh = { state: 'waiting' as const, share: 0, error: '', passing: false, tries: 0, sent: null };
      return { id: newKey(), file, preview, ...fresh };
    });
    this.items = [...this.items, ...added];
    this.#work();
  }

  remove(id: string): void {
    const item = this.#find(id);
    if (!item) return;
    this.#stops.get(id)?.abort();
    clearTimeout(this.#timers.get(id));
    this.#options.release(item.preview);
    this.items = this.items.filter((each) => each.id !== id);
    this.note = '';
    // What stays behind on the server goes by itself within a day.
    if (item.sent) this.#options.discard(item.sent).catch(() => undefined);
    this.#work();
  }

  retry(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#change(id, { state: 'waiting', share: 0, error: '', passing: false });
    this.#work();
  }

  /** Try again what the connection cut. */
  hurry(): void {
    for (const item of this.items) if (item.state === 'failed' && item.passing) this.retry(item.id);
  }

  /** Give the files to the message that is sent; nothing while some are held. */
  take(): MessageFile[] {
    if (this.held) return [];
    const files = this.items.flatMap((item) => item.sent ?? []);
    for (const item of this.items) this.#options.release(item.preview);
    this.items = [];
    this.note = '';
    return files;
  }

  #work(): void {
    const busy = this.items.filter((item) => item.state === 'sending').length;
    const next = this.items.filter((item) => item.state === 'waiting').slice(0, Math.max(0, AT_ONCE - busy));
    for (const item of next) void this.#send(item);
  }

  async #send({ id, file }: Attached): Promise<void> {
    const stop = new AbortController();
    this.#stops.set(id, stop);
    this.#change(id, { state: 'sending' });
    const told = (share: number): void => this.#change(id, { share });
    try {
      const sent = await this.#options.upload(file, { told, stop: stop.signal });
      if (this.#find(id)) this.#change(id, { state: 'ready', share: 1, sent });
      else await this.#options.discard(sent).catch(() => undefined);
    } catch (error) {
      this.#fail(id, error);
    } finally {
      this.#stops.delete(id);
      this.#work();
    }
  }

  #fail(id: string, error: unknown): void {
    const item = this.#find(id);
    if (!item) return;
    const passing = isPassing(error);
    this.#change(id, { state: 'failed', error: describe(error), passing, tries: item.tries + 1 });
    if (!passing || item.tries >= MOST_TRIES) return;
    const wait = (this.#options.wait ?? backoff)(item.tries);
    this.#timers.set(
      id,
      setTimeout(() => this.retry(id), wait),
    );
  }

  #find(id: string): Attached | undefined {
    return this.items.find((item) => item.id === id);
  }

  #change(id: string, changes: Partial<Attached>): void {
    this.items = this.items.map((item) => (item.id === id ? { ...item, ...changes } : item));
  }
}
