import { beforeEach, describe, expect, test, vi } from 'vitest';
import { OFFLINE, Problem } from '$lib/api/problem';
import type { Message, MessageFile } from '$lib/api/types';
import { Outbox, type OutboxNews } from './outbox.svelte';
import { MemoryOutbox } from './outboxstore';
import type { Outgoing } from './outgoing';

const REFUSED = new Problem('Too long.', { status: 422, code: 'invalid_input' });

/** A server that knows each client id once, and does with a message what the test says. */
class Server {
  posted: string[] = [];
  tries: string[] = [];
  answers: (() => Promise<void>)[] = [];

  post = async (item: Outgoing): Promise<Message> => {
    this.tries.push(item.text);
    await (this.answers.shift() ?? (() => Promise.resolve()))();
    if (!this.posted.includes(item.clientId)) this.posted.push(item.clientId);
    return { id: `m-${item.clientId}`, room_id: item.roomId, client_id: item.clientId, text: item.text } as Message;
  };
}

let server: Server;
let store: MemoryOutbox;
let tabs: Outbox[];
let locks: Map<string, Promise<unknown>>;

/** A tab over the same store and locks as the others. */
function openTab(): Outbox {
  const tab: Outbox = new Outbox({
    store,
    post: (item) => server.post(item),
    alone: (name, work) => {
      const turn = (locks.get(name) ?? Promise.resolve()).then(work);
      locks.set(
        name,
        turn.catch(() => undefined),
      );
      return turn;
    },
    tell: (news: OutboxNews) => tabs.filter((each) => each !== tab).forEach((each) => each.hear(news)),
    wait: () => 3,
  });
  tabs.push(tab);
  return tab;
}

beforeEach(() => {
  server = new Server();
  store = new MemoryOutbox();
  tabs = [];
  locks = new Map();
});

const texts = (outbox: Outbox) => outbox.items.map((item) => `${item.text} ${item.state}`);
const fail = (error: Error) => () => Promise.reject(error);
const never = () => new Promise<void>(() => undefined);

describe('the outbox', () => {
  test('shows the files of what waits, also after a reload, and sends only what names them', async () => {
    const file = { id: 'f1', name: 'fills.csv' } as MessageFile;
    server.answers = [never];
    const first = openTab();
    await first.open('ada');
    void first.send('r', 'see', { file_ids: ['f1'] }, [file]);
    await vi.waitFor(() => expect(server.tries).toHaveLength(1));
    first.close();
    locks.clear();
    server.answers = [never];
    const after = openTab();
    await after.open('ada');
    expect(after.of('r').map((item) => [item.extra, item.files])).toEqual([[{ file_ids: ['f1'] }, [file]]]);
  });

  test('sends, tells what was posted before its item is gone, and keeps nothing', async () => {
    const outbox = openTab();
    await outbox.open('ada');
    const told: string[] = [];
    outbox.posted.add((message) => told.push(`${message.text} of ${outbox.items.length}`));
    await outbox.send('r', 'one');
    expect(told).toEqual(['one of 1']);
    expect(outbox.items).toEqual([]);
    expect(await store.list('ada')).toEqual([]);
  });

  test('keeps the order of a room while it waits, and of one room only', async () => {
    const outbox = openTab();
    await outbox.open('ada');
    server.answers = [fail(OFFLINE), fail(OFFLINE)];
    void outbox.send('r', 'one');
    void outbox.send('r', 'two');
    void outbox.send('s', 'elsewhere');
    await vi.waitFor(() => expect(outbox.items).toEqual([]));
    const ofRoom = server.tries.filter((text) => text !== 'elsewhere');
    expect(ofRoom.indexOf('two')).toBe(ofRoom.length - 1);
    expect(server.posted).toHaveLength(3);
  });

  test('goes on behind one that is refused, which can be tried again or forgotten', async () => {
    const outbox = openTab();
    await outbox.open('ada');
    server.answers = [fail(REFUSED)];
    void outbox.send('r', 'bad');
    await outbox.send('r', 'good');
    await vi.waitFor(() => expect(texts(outbox)).toEqual(['bad failed']));
    expect(outbox.items[0]?.error).toBe('Too long.');
    expect(outbox.waiting).toBe(0);
    server.answers = [fail(REFUSED)];
    const id = outbox.items[0]?.clientId ?? '';
    await outbox.again(id);
    expect(texts(outbox)).toEqual(['bad failed']);
    await outbox.discard(id);
    expect(outbox.items).toEqual([]);
    expect(await store.list('ada')).toEqual([]);
  });

  test('sends after a reload what was under way, under the same id', async () => {
    const before = openTab();
    await before.open('ada');
    server.answers = [never, never];
    void before.send('r', 'one');
    await vi.waitFor(() => expect(server.tries).toEqual(['one']));
    void before.send('r', 'two');
    await vi.waitFor(async () => expect(await store.list('ada')).toHaveLength(2));
    const ids = before.items.map((item) => item.clientId);
    locks.clear();
    server.answers = [];
    tabs = [];
    const after = openTab();
    await after.open('ada');
    await vi.waitFor(() => expect(after.items).toEqual([]));
    expect(server.posted).toEqual(ids);
  });

  test('keeps what was refused over a reload, and does not send it by itself', async () => {
    const before = openTab();
    await before.open('ada');
    server.answers = [fail(REFUSED)];
    await before.send('r', 'bad');
    const after = openTab();
    await after.open('ada');
    expect(texts(after)).toEqual(['bad failed']);
    expect(server.tries).toEqual(['bad']);
  });

  test('of another account is not seen, and waits for its owner', async () => {
    const outbox = openTab();
    await outbox.open('ada');
    server.answers = [never];
    void outbox.send('r', 'of ada');
    await vi.waitFor(() => expect(server.tries).toHaveLength(1));
    await outbox.open('ben');
    expect(outbox.items).toEqual([]);
    expect(await store.list('ada')).toHaveLength(1);
  });

  test('is one for all tabs: shown in each, sent by one', async () => {
    const [first, second] = [openTab(), openTab()];
    await first.open('ada');
    await second.open('ada');
    let go: () => void = () => undefined;
    server.answers = [() => new Promise((done) => (go = done))];
    void first.send('r', 'one');
    await vi.waitFor(() => expect(texts(second)).toEqual(['one sending']));
    second.hurry();
    go();
    await vi.waitFor(() => expect([...first.items, ...second.items]).toEqual([]));
    expect(server.tries).toEqual(['one']);
  });

  test('takes over from a tab that is gone', async () => {
    const [first, second] = [openTab(), openTab()];
    await first.open('ada');
    await second.open('ada');
    server.answers = [never];
    void first.send('r', 'one');
    await vi.waitFor(() => expect(texts(second)).toEqual(['one sending']));
    tabs = [second];
    locks.clear();
    second.hurry();
    await vi.waitFor(() => expect(second.items).toEqual([]));
    expect(server.posted).toHaveLength(1);
  });

  test('forgets what the room already shows', async () => {
    const outbox = openTab();
    await outbox.open('ada');
    server.answers = [never];
    void outbox.send('r', 'one');
    await vi.waitFor(() => expect(texts(outbox)).toEqual(['one sending']));
    await outbox.discard(outbox.items[0]?.clientId ?? '');
    expect(outbox.items).toEqual([]);
    expect(await store.list('ada')).toEqual([]);
  });
});
