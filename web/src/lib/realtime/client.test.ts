import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import { backoff } from './backoff';
import { CallLost, PendingCalls } from './calls';
import { RealtimeClient, type LinkState } from './client';

/** A real server on a port of its own that speaks the protocol as the test tells it to. */
class Desk {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  sockets: ServerSocket[] = [];
  heard: Record<string, unknown>[] = [];
  refuse = new Set<string>();

  constructor() {
    this.server.on('connection', (socket) => {
      this.sockets.push(socket);
      socket.on('message', (data: Buffer) => this.hear(socket, JSON.parse(data.toString()) as Record<string, unknown>));
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  hear(socket: ServerSocket, frame: Record<string, unknown>): void {
    this.heard.push(frame);
    if (frame.type !== 'auth') return;
    if (this.refuse.has(String(frame.ticket))) socket.close(4401);
    else socket.send(JSON.stringify({ type: 'ready' }));
  }

  say(value: unknown): void {
    this.sockets.at(-1)?.send(JSON.stringify(value));
  }

  subscriptions(): Record<string, unknown>[] {
    return this.heard.filter((frame) => frame.type === 'subscribe');
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    return new Promise((done) => this.server.close(() => done()));
  }
}

let desk: Desk;
let client: RealtimeClient;
let states: LinkState[];
let renewals: boolean[];

beforeEach(async () => {
  desk = new Desk();
  await once(desk.server, 'listening');
  states = [];
  renewals = [];
  client = new RealtimeClient({
    url: () => desk.url,
    ticket: (refused) => {
      renewals.push(refused);
      return Promise.resolve(refused ? 'fresh' : 'first');
    },
    onState: (state) => states.push(state),
    wait: () => 5,
    answerWithin: 30,
  });
});

afterEach(async () => {
  client.stop();
  await desk.close();
});

function follower() {
  return { onUpdate: vi.fn(), onReset: vi.fn(), onError: vi.fn() };
}

describe('the socket', () => {
  test('signs in first, then subscribes from the position that it was given', async () => {
    client.follow('room:1', 'log', follower(), { epoch: 'e', offset: 7 });
    client.start();
    await vi.waitFor(() => expect(desk.heard).toHaveLength(2));
    expect(desk.heard).toEqual([
      { type: 'auth', ticket: 'first' },
      { type: 'subscribe', topic: 'room:1', epoch: 'e', offset: 7 },
    ]);
    expect(client.state).toBe('open');
  });

  test('resumes after a break from the last update that it saw', async () => {
    const room = follower();
    client.follow('room:1', 'log', room, { epoch: 'e', offset: 7 });
    client.start();
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(1));
    desk.say({ type: 'subscribed', topic: 'room:1', epoch: 'e', offset: 9, reset: false });
    desk.say([
      { topic: 'room:1', offset: 8, data: { n: 8 } },
      { topic: 'room:1', offset: 9, data: { n: 9 } },
    ]);
    await vi.waitFor(() => expect(room.onUpdate).toHaveBeenCalledTimes(2));
    desk.sockets[0]?.terminate();
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(2));
    expect(desk.subscriptions()[1]).toEqual({ type: 'subscribe', topic: 'room:1', epoch: 'e', offset: 9 });
    expect(states).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open']);
  });

  test('skips what it saw already', async () => {
    const room = follower();
    client.follow('room:1', 'log', room, { epoch: 'e', offset: 1 });
    client.start();
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(1));
    desk.say([
      { topic: 'room:1', offset: 1, data: 'old' },
      { topic: 'room:1', offset: 2, data: 'new' },
    ]);
    desk.say([{ topic: 'room:1', offset: 2, data: 'new' }]);
    desk.say([{ topic: 'room:1', offset: 3, data: 'last' }]);
    await vi.waitFor(() => expect(room.onUpdate).toHaveBeenCalledWith('last', 3));
    expect(room.onUpdate.mock.calls.map(([data]) => data as string)).toEqual(['new', 'last']);
  });

  test('tells a reset, and goes on from the new position', async () => {
    const room = follower();
    client.follow('room:1', 'log', room, { epoch: 'old', offset: 40 });
    client.start();
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(1));
    desk.say({ type: 'subscribed', topic: 'room:1', epoch: 'new', offset: 3, reset: true });
    desk.say([{ topic: 'room:1', offset: 4, data: 'next' }]);
    await vi.waitFor(() => expect(room.onUpdate).toHaveBeenCalledWith('next', 4));
    expect(room.onReset).toHaveBeenCalledWith({ epoch: 'new', offset: 3 });
    desk.sockets[0]?.terminate();
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(2));
    expect(desk.subscriptions()[1]).toMatchObject({ epoch: 'new', offset: 4 });
  });

  describe('a missing update', () => {
    const data = (room: ReturnType<typeof follower>) => room.onUpdate.mock.calls.map(([said]) => said as number);
    const ask = { type: 'subscribe', topic: 'room:1', epoch: 'e', offset: 1 };
    const begun = { type: 'subscribed', topic: 'room:1', epoch: 'e', offset: 3, reset: false };
    let room: ReturnType<typeof follower>;

    beforeEach(async () => {
      room = follower();
      client.follow('room:1', 'log', room, { epoch: 'e', offset: 1 });
      client.start();
      await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(1));
      desk.say({ ...begun, offset: 1 });
      desk.say([{ topic: 'room:1', offset: 3, data: 3 }]);
      desk.say([{ topic: 'room:1', offset: 4, data: 4 }]);
      await vi.waitFor(() => expect(desk.subscriptions()).toEqual([ask, ask]));
    });

    test('is asked for once, and nothing is told before it is there', async () => {
      expect(data(room)).toEqual([]);
      desk.say(begun);
      desk.say([2, 3, 4].map((offset) => ({ topic: 'room:1', offset, data: offset })));
      await vi.waitFor(() => expect(data(room)).toEqual([2, 3, 4]));
      expect(desk.subscriptions()).toHaveLength(2);
      expect(room.onReset).not.toHaveBeenCalled();
    });

    test('that nobody has any more makes the state be read anew, once', async () => {
      desk.say(begun);
      desk.say([{ topic: 'room:1', offset: 3, data: 3 }]);
      desk.say([{ topic: 'room:1', offset: 4, data: 4 }]);
      await vi.waitFor(() => expect(data(room)).toEqual([3, 4]));
      expect(room.onReset.mock.calls).toEqual([[{ epoch: 'e', offset: 2 }]]);
      expect(desk.subscriptions()).toHaveLength(2);
    });

    test('is forgotten with a reset', async () => {
      desk.say({ ...begun, epoch: 'new', offset: 0, reset: true });
      desk.say([{ topic: 'room:1', offset: 1, data: 1 }]);
      await vi.waitFor(() => expect(data(room)).toEqual([1]));
      expect(room.onReset).toHaveBeenCalledTimes(1);
    });
  });

  test('begins again for a newcomer where the one that is less far stands', async () => {
    const [first, second] = [follower(), follower()];
    client.follow('room:1', 'log', first, { epoch: 'e', offset: 3 });
    client.start();
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(1));
    client.follow('room:1', 'log', second, { epoch: 'e', offset: 5 });
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(2));
    desk.say([4, 5, 6].map((offset) => ({ topic: 'room:1', offset, data: offset })));
    await vi.waitFor(() => expect(first.onUpdate).toHaveBeenCalledTimes(3));
    expect(desk.subscriptions()[1]).toMatchObject({ offset: 3 });
  });

  describe('calls', () => {
    beforeEach(async () => {
      client.start();
      await vi.waitFor(() => expect(client.state).toBe('open'));
    });

    const BODY = { room_id: 'r', text: 'a', client_id: 'client-1' };
    const called = () => desk.heard.filter((frame) => frame.type === 'call');

    test('get the answer with their id, in any order', async () => {
      const answers = ['a', 'b'].map((text) => client.call('chat.post', { ...BODY, text }));
      await vi.waitFor(() => expect(called()).toHaveLength(2));
      expect(called()[0]).toEqual({ type: 'call', id: '1', name: 'chat.post', body: { ...BODY, text: 'a' } });
      for (const id of ['2', '1', '2', '77']) desk.say({ type: 'answer', id, body: { got: id } });
      expect(await Promise.all(answers)).toEqual([{ got: '1' }, { got: '2' }]);
    });

    test('throw the problem that the server has', async () => {
      const asked = client.call('chat.post', BODY);
      await vi.waitFor(() => expect(called()).toHaveLength(1));
      desk.say({ type: 'answer', id: '1', problem: { status: 403, code: 'forbidden', detail: 'No.' } });
      await expect(asked).rejects.toMatchObject({ status: 403, code: 'forbidden' });
    });

    test('are lost with the connection, and without one', async () => {
      const asked = client.call('chat.post', BODY);
      await vi.waitFor(() => expect(called()).toHaveLength(1));
      desk.sockets[0]?.terminate();
      await expect(asked).rejects.toBeInstanceOf(CallLost);
      client.stop();
      await expect(client.call('chat.post', BODY)).rejects.toBeInstanceOf(CallLost);
    });

    test('that want no answer have no id', async () => {
      const typing = { room_id: 'r', typing: true };
      client.signal('chat.typing', typing);
      await vi.waitFor(() => expect(called()).toEqual([{ type: 'call', name: 'chat.typing', body: typing }]));
    });
  });

  test('gives every state of a latest topic, whatever its offset', async () => {
    const quotes = follower();
    client.follow('quotes:AAPL', 'latest', quotes);
    client.start();
    await vi.waitFor(() => expect(desk.subscriptions()).toEqual([{ type: 'subscribe', topic: 'quotes:AAPL' }]));
    desk.say({ type: 'subscribed', topic: 'quotes:AAPL', epoch: 'e', offset: 5, reset: false });
    desk.say([{ topic: 'quotes:AAPL', offset: 5, data: 'a' }]);
    desk.say([{ topic: 'quotes:AAPL', offset: 5, data: 'b' }]);
    await vi.waitFor(() => expect(quotes.onUpdate).toHaveBeenCalledTimes(2));
  });

  test('gets a new ticket when the old one is refused', async () => {
    desk.refuse.add('first');
    client.start();
    await vi.waitFor(() => expect(client.state).toBe('open'));
    expect(renewals).toEqual([false, true]);
    expect(desk.heard.map((frame) => frame.ticket)).toEqual(['first', 'fresh']);
  });

  test('waits as long as a server asks that it came to too often', async () => {
    client.start();
    await vi.waitFor(() => expect(client.state).toBe('open'));
    const begun = Date.now();
    desk.say({ type: 'error', code: 'rate_limited', detail: 'Wait a second.', wait_s: 1 });
    desk.sockets.at(-1)?.close(4429);
    await vi.waitFor(() => expect(client.state).toBe('waiting'));
    client.hurry();
    expect(client.state).toBe('waiting');
    await vi.waitFor(() => expect(client.state).toBe('open'), { timeout: 5_000 });
    expect(Date.now() - begun).toBeGreaterThanOrEqual(950);
    // It is no refused sign-in: the same one goes on.
    expect(renewals).toEqual([false, false]);
  });

  test('leaves a socket that is dead when the machine wakes up', async () => {
    client.start();
    await vi.waitFor(() => expect(client.state).toBe('open'));
    client.hurry();
    await vi.waitFor(() => expect(desk.sockets).toHaveLength(2));
    await vi.waitFor(() => expect(client.state).toBe('open'));
  });

  test('passes on what the server refuses', async () => {
    const room = follower();
    client.follow('room:1', 'log', room);
    client.start();
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(1));
    desk.say({ type: 'error', topic: 'room:1', code: 'not_found', detail: 'No such topic.' });
    await vi.waitFor(() => expect(room.onError).toHaveBeenCalledWith('not_found', 'No such topic.'));
  });

  test('survives frames that are not of the protocol', async () => {
    const room = follower();
    client.follow('room:1', 'log', room);
    client.start();
    await vi.waitFor(() => expect(desk.subscriptions()).toHaveLength(1));
    desk.sockets[0]?.send('{broken');
    desk.say(5);
    desk.say([{ topic: 'room:1', offset: 1, data: 'fine' }]);
    await vi.waitFor(() => expect(room.onUpdate).toHaveBeenCalledWith('fine', 1));
  });

  test('unsubscribes when the last follower leaves', async () => {
    client.start();
    await vi.waitFor(() => expect(client.state).toBe('open'));
    const leave = [follower(), follower()].map((each) => client.follow('quotes:A', 'latest', each));
    leave[0]?.();
    leave[1]?.();
    await vi.waitFor(() => expect(desk.heard.at(-1)).toEqual({ type: 'unsubscribe', topic: 'quotes:A' }));
    expect(desk.heard.filter((frame) => frame.type === 'unsubscribe')).toHaveLength(1);
  });

  test('stays closed after stop', async () => {
    client.start();
    await vi.waitFor(() => expect(client.state).toBe('open'));
    client.stop();
    expect(client.state).toBe('idle');
  });
});

test('waits are spread from nothing to a limit that grows to half a minute', () => {
  expect(backoff(0, () => 0)).toBe(0);
  expect(backoff(0, () => 1)).toBe(500);
  expect(backoff(3, () => 0.5)).toBe(2000);
  expect(backoff(50, () => 1)).toBe(30_000);
});

test('a call that nobody answers is given up', async () => {
  const calls = new PendingCalls(5);
  await expect(calls.begin(() => undefined, 'chat.post', {})).rejects.toBeInstanceOf(CallLost);
});
