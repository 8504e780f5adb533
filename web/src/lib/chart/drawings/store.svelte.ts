/** The drawings on one chart, of one person or a room, kept true by the server while anybody changes them. */
import { api, call } from '$lib/api/client';
import { describe, Problem } from '$lib/api/problem';
import type { Drawing, DrawingList, DrawingVersion } from '$lib/api/types';
import type { RealtimeClient } from '$lib/realtime/client';
import type { Position } from '$lib/realtime/frames';
import { DRAG_LASTS_MS, EMPTY_BOOK, find, listOf, take, takeList, takeOne, withDrags } from './merge';
import type { Book, Drag, DrawingUpdate } from './merge';
import type { DrawingKind, Point, Style } from './model';

const DRAG_EVERY_MS = 200;

interface Change {
  points?: Point[];
  style?: Style;
  text?: string;
}

export class DrawingStore {
  readonly symbol: string;
  readonly room: string | null;
  /** Whether it is known what the person may do here. */
  loaded = $state(false);
  canChange = $state(false);
  canUndo = $state(false);
  canRedo = $state(false);
  error = $state('');
  #book = $state.raw<Book>(EMPTY_BOOK);
  #drags = $state.raw<Drag[]>([]);
  /** What this page is moving itself. */
  #mine = $state<string | null>(null);
  #client: RealtimeClient;
  #leave: (() => void)[] = [];
  #dragAt = 0;
  /** The drag that is on its way. */
  #sent: Promise<unknown> = Promise.resolve();
  #dragTimer: ReturnType<typeof setTimeout> | undefined;
  #forget: ReturnType<typeof setTimeout> | undefined;
  #gone = false;
  readonly drawings = $derived(withDrags(listOf(this.#book), this.#drags, this.#mine));

  constructor(client: RealtimeClient, symbol: string, room: string | null) {
    [this.#client, this.symbol, this.room] = [client, symbol, room];
  }

  get #query(): { query: { room_id?: string }; path: { symbol: string } } {
    return { path: { symbol: this.symbol }, query: this.room ? { room_id: this.room } : {} };
  }

  /** Read all drawings, and follow what becomes of them. */
  async open(): Promise<void> {
    const list = await this.#read();
    if (!list || this.#gone) return;
    const position: Position = { epoch: list.epoch, offset: list.offset };
    this.#leave = [
      this.#client.follow(
        list.topic,
        'log',
        {
          onUpdate: (data) => this.#hear(data as DrawingUpdate),
          onReset: () => void this.#read(),
          onError: (_, detail) => (this.error = detail),
        },
        position,
      ),
      this.#client.follow(list.drags, 'latest', { onUpdate: (data) => this.#drag((data as { drags: Drag[] }).drags) }),
    ];
  }

  close(): void {
    this.#gone = true;
    for (const leave of this.#leave) leave();
    clearTimeout(this.#dragTimer);
    clearTimeout(this.#forget);
  }

  find(id: string): Drawing | null {
    return find(this.#book, id);
  }

  async create(kind: DrawingKind, points: Point[], style: Style, text = ''): Promise<Drawing | null> {
    return this.#act(async () => {
      const body = { kind, points, style, text };
      const path = '/api/v1/instruments/{symbol}/drawings';
      const made = await call(api.POST(path, { params: this.#query, body }));
      this.#book = takeOne(this.#book, made);
      return made;
    });
  }

  async change(id: string, change: Change): Promise<Drawing | null> {
    const held = this.find(id);
    if (!held) return null;
    // Shown at once; the answer, or what others did meanwhile, puts it right.
    const before = this.#book;
    this.#book = { known: new Map(before.known).set(id, { version: held.version, drawing: { ...held, ...change } }) };
    const changed = await this.#act(async () => {
      // A drag that came to the server after the change would move it back on the others' screens.
      await this.#sent;
      const body = { version: held.version, ...change };
      const params = { path: { drawing_id: id } };
      const made = await call(api.PATCH('/api/v1/drawings/{drawing_id}', { params, body }));
      this.#book = takeOne(this.#book, made);
      return made;
    });
    if (!changed && this.find(id)?.version === held.version) this.#putBack(id, held);
    return changed;
  }

  async remove(id: string): Promise<void> {
    const held = this.find(id);
    if (!held) return;
    await this.#act(async () => {
      const params = { path: { drawing_id: id }, query: { version: held.version } };
      await call(api.DELETE('/api/v1/drawings/{drawing_id}', { params }));
      this.#hear({ kind: 'removed', drawing_id: id, version: held.version + 1, drawing: null });
      return true;
    });
  }

  async turn(way: 'undo' | 'redo'): Promise<void> {
    if (!(way === 'undo' ? this.canUndo : this.canRedo)) return;
    await this.#act(async () => {
      const params = this.#query;
      const turned = await call(
        way === 'undo'
          ? api.POST('/api/v1/instruments/{symbol}/drawings/undo', { params })
          : api.POST('/api/v1/instruments/{symbol}/drawings/redo', { params }),
      );
      const { drawing_id, version } = turned;
      if (turned.drawing) this.#book = takeOne(this.#book, turned.drawing);
      else this.#hear({ kind: 'removed', drawing_id, version, drawing: null });
      [this.canUndo, this.canRedo] = [turned.can_undo, turned.can_redo];
      return true;
    }, false);
  }

  async history(cursor: string | null): Promise<{ items: DrawingVersion[]; next: string | null }> {
    const { path, query } = this.#query;
    const params = { path, query: { ...query, limit: 50, ...(cursor ? { cursor } : {}) } };
    const page = await call(api.GET('/api/v1/instruments/{symbol}/drawings/history', { params }));
    return { items: page.items, next: page.next_cursor ?? null };
  }

  /** Make a drawing as it was at a version; it may be gone meanwhile. */
  async restore(id: string, to: number): Promise<void> {
    await this.#act(async () => {
      const body = { version: this.#book.known.get(id)?.version ?? to + 1, to };
      const params = { path: { drawing_id: id } };
      this.#book = takeOne(this.#book, await call(api.POST('/api/v1/drawings/{drawing_id}/restore', { params, body })));
      return true;
    });
  }

  /** Show others where a drawing is being moved; a few times a second are enough. */
  dragging(id: string, points: Point[]): void {
    this.#mine = id;
    clearTimeout(this.#dragTimer);
    const wait = Math.max(0, this.#dragAt + DRAG_EVERY_MS - Date.now());
    this.#dragTimer = setTimeout(() => this.#sendDrag(id, points), wait);
  }

  /** The mouse is up: what was moved is a change, or, where nothing was, the end of a drag. */
  async dropped(id: string, points: Point[] | null): Promise<void> {
    clearTimeout(this.#dragTimer);
    if (points) await this.change(id, { points });
    else if (this.#dragAt > 0) this.#sendDrag(id, []);
    this.#mine = null;
    this.#dragAt = 0;
  }

  #sendDrag(id: string, points: Point[]): void {
    this.#dragAt = Date.now();
    const params = { path: { drawing_id: id } };
    // Only a picture of a moment: the change that follows is what counts.
    const sending = call(api.POST('/api/v1/drawings/{drawing_id}/drag', { params, body: { points } }));
    this.#sent = sending.catch(() => undefined);
  }

  async #read(): Promise<DrawingList | null> {
    const before = this.#book;
    try {
      const list = await call(api.GET('/api/v1/instruments/{symbol}/drawings', { params: this.#query }));
      this.#book = takeList(before, this.#book, list.items);
      [this.canChange, this.canUndo, this.canRedo] = [list.can_change, list.can_undo, list.can_redo];
      this.loaded = true;
      this.error = '';
      return list;
    } catch (error) {
      this.error = describe(error);
      return null;
    }
  }

  #hear(update: DrawingUpdate): void {
    this.#book = take(this.#book, update);
  }

  #drag(drags: Drag[]): void {
    this.#drags = drags;
    clearTimeout(this.#forget);
    if (drags.length > 0) this.#forget = setTimeout(() => (this.#drags = []), DRAG_LASTS_MS);
  }

  #putBack(id: string, drawing: Drawing): void {
    this.#book = { known: new Map(this.#book.known).set(id, { version: drawing.version, drawing }) };
  }

  /** Do something; what went wrong is said, and what others made of the drawing, or of the person's role, is shown. */
  async #act<T>(work: () => Promise<T>, isNew = true): Promise<T | null> {
    try {
      const done = await work();
      if (isNew) [this.canUndo, this.canRedo] = [true, false];
      this.error = '';
      return done;
    } catch (error) {
      this.error = describe(error);
      if (error instanceof Problem && [403, 404, 409].includes(error.status)) {
        const said = this.error;
        await this.#read();
        this.error = said;
      }
      return null;
    }
  }
}
