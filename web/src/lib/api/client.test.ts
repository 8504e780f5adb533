import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NOT_CONFIRMED, sendConfirmed, useStepUp, useTokens } from './client';

/** What the fake server saw: the path, the token, the body. */
interface Seen {
  path: string;
  token: string | null;
  body: string;
}

let seen: Seen[] = [];

function answers(...list: [status: number, code?: string][]): void {
  const rest = [...list];
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname } = new URL(request.url);
    seen.push({ path: pathname, token: request.headers.get('Authorization'), body: await request.text() });
    const [status, code] = rest.shift() ?? [500];
    return new Response(code ? JSON.stringify({ code, detail: code }) : '{}', { status });
  });
}

function post(): Promise<Response> {
  return sendConfirmed(
    new Request('http://outcry.test/api/v1/auth/api-keys', { method: 'POST', body: '{"name":"a"}' }),
  );
}

let renewals = 0;

beforeEach(() => {
  seen = [];
  renewals = 0;
  let token = 'one';
  useTokens({
    token: () => token,
    renew: async () => {
      renewals += 1;
      token = 'two';
      return token;
    },
  });
  useStepUp(async () => false);
});

afterEach(() => vi.unstubAllGlobals());

test('a call that needs a fresh factor is sent again, whole, once the person has shown one', async () => {
  const ask = vi.fn(async () => true);
  useStepUp(ask);
  answers([403, 'step_up_required'], [201]);
  expect((await post()).status).toBe(201);
  expect(ask).toHaveBeenCalledOnce();
  expect(seen.map(({ body }) => body)).toEqual(['{"name":"a"}', '{"name":"a"}']);
});

test('nothing is sent again when the person does not confirm', async () => {
  answers([403, 'step_up_required']);
  await expect(post()).rejects.toBe(NOT_CONFIRMED);
  expect(seen).toHaveLength(1);
});

test('another refusal asks nobody, and its body can still be read', async () => {
  const ask = vi.fn(async () => true);
  useStepUp(ask);
  answers([403, 'forbidden']);
  const response = await post();
  expect(await response.json()).toEqual({ code: 'forbidden', detail: 'forbidden' });
  expect(ask).not.toHaveBeenCalled();
});

test('one confirmation is enough: a second refusal is the answer', async () => {
  const ask = vi.fn(async () => true);
  useStepUp(ask);
  answers([403, 'step_up_required'], [403, 'step_up_required']);
  expect((await post()).status).toBe(403);
  expect(ask).toHaveBeenCalledOnce();
});

test('a token that is too old is renewed, before and after the confirmation', async () => {
  useStepUp(async () => true);
  answers([401, 'unauthenticated'], [403, 'step_up_required'], [201]);
  expect((await post()).status).toBe(201);
  expect(renewals).toBe(1);
  expect(seen.map(({ token }) => token)).toEqual(['Bearer one', 'Bearer two', 'Bearer two']);
});

test('a wrong password is no old token: it is not tried twice', async () => {
  answers([401, 'wrong_credentials']);
  expect((await post()).status).toBe(401);
  expect(renewals).toBe(0);
  expect(seen).toHaveLength(1);
});
