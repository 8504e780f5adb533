import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sendConfirmed, useStepUp, useTokens } from './client';
import { newKey, takesKey } from './keys';
import { OFFLINE } from './problem';

/** What the fake server saw of each request: its key, and its body. */
let seen: { key: string | null; body: string }[] = [];

/** Answer one request after the other; `null` breaks the connection. */
function answers(...list: (null | [status: number, code?: string])[]): void {
  const rest = [...list];
  vi.stubGlobal('fetch', async (request: Request) => {
    seen.push({ key: request.headers.get('Idempotency-Key'), body: await request.text() });
    const answer = rest.shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return new Response(JSON.stringify({ code: answer[1] ?? '' }), { status: answer[0] });
  });
}

function send(path = '/api/v1/rooms', method = 'POST'): Promise<Response> {
  return sendConfirmed(new Request(`http://outcry.test${path}`, { method, body: method === 'GET' ? null : '{"a":1}' }));
}

/** Send, and let all pauses pass at once. */
async function sendThrough(path?: string, method?: string): Promise<Response> {
  const sent = send(path, method);
  sent.catch(() => undefined);
  await vi.runAllTimersAsync();
  return sent;
}

beforeEach(() => {
  seen = [];
  vi.useFakeTimers();
  useTokens({ token: () => 'one', renew: async () => 'two' });
  useStepUp(async () => true);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a call whose connection broke is sent once more, whole, with the same key', async () => {
  answers(null, [201]);
  expect((await sendThrough()).status).toBe(201);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toEqual(seen[1]);
  expect(seen[0]?.key).toMatch(/^[0-9a-f]{32}$/);
  expect(seen[1]?.body).toBe('{"a":1}');
});

test('a second break is the end', async () => {
  answers(null, null, [201]);
  await expect(sendThrough()).rejects.toBe(OFFLINE);
  expect(seen).toHaveLength(2);
});

test('while the server is still at the first, the second waits for it, but not for ever', async () => {
  const atIt: [number, string] = [409, 'idempotency_in_progress'];
  answers(null, atIt, atIt, [201]);
  expect((await sendThrough()).status).toBe(201);
  answers(null, ...Array.from({ length: 20 }, () => atIt));
  seen = [];
  expect((await sendThrough()).status).toBe(409);
  expect(seen).toHaveLength(11);
});

test('another conflict is the answer', async () => {
  answers(null, [409, 'conflict'], [201]);
  expect((await sendThrough()).status).toBe(409);
});

test('a renewed token and a confirmation go with the same key, the next call with another', async () => {
  answers([401, 'unauthenticated'], [403, 'step_up_required'], [201], [201]);
  await sendThrough();
  await sendThrough();
  const keys = seen.map(({ key }) => key);
  expect(new Set(keys.slice(0, 3)).size).toBe(1);
  expect(keys[3]).not.toBe(keys[0]);
});

test.each([
  ['/api/v1/auth/sign-in', 'POST'],
  ['/api/v1/rooms/0198/messages', 'POST'],
  ['/api/v1/rooms', 'GET'],
  ['/api/v1/replay', 'PUT'],
])('%s %s has no key, and is not sent twice', async (path, method) => {
  answers(null, [200]);
  await expect(sendThrough(path, method)).rejects.toBe(OFFLINE);
  expect(seen.map(({ key }) => key)).toEqual([null]);
});

test('whoever leaves the page is not held up', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new DOMException('left', 'AbortError');
  });
  await expect(sendThrough()).rejects.toMatchObject({ name: 'AbortError' });
});

test('keys differ', () => {
  expect(new Set(Array.from({ length: 1000 }, newKey)).size).toBe(1000);
});

test('calls get a key just where the server takes one', () => {
  const document = JSON.parse(readFileSync('src/lib/api/openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
  };
  const wrong: string[] = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [name, operation] of Object.entries(methods)) {
      const method = name.toUpperCase();
      const takes = (operation.parameters ?? []).some((parameter) => parameter.name === 'Idempotency-Key');
      const own = method === 'PUT' || path.endsWith('/messages');
      if (takesKey(method, path) !== (takes && !own)) wrong.push(`${method} ${path}`);
    }
  }
  expect(wrong).toEqual([]);
});
