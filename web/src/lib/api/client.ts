/** The typed client of the HTTP interface. Every call goes through `call`, which returns the body or throws a Problem. */
import createClient from 'openapi-fetch';
import type { paths } from './schema';
import { addKey, fetchKeyed } from './keys';
import { OFFLINE, Problem, toProblem } from './problem';

export interface TokenSource {
  /** The present access token, or null when nobody is signed in. */
  token(): string | null;
  /** Get a new token; null when the sign-in has ended. `stale` is the one that was refused. */
  renew(stale: string | null): Promise<string | null>;
}

let tokens: TokenSource = { token: () => null, renew: () => Promise.resolve(null) };
let confirm: () => Promise<boolean> = () => Promise.resolve(false);

export function useTokens(source: TokenSource): void {
  tokens = source;
}

/** How the page lets a person show a factor again; resolves to whether they did. */
export function useStepUp(ask: () => Promise<boolean>): void {
  confirm = ask;
}

/** Thrown when a person was asked to confirm an act and did not: nothing was done. */
export const NOT_CONFIRMED = new Problem('Nothing was changed: it was not confirmed.', {
  status: 403,
  code: 'not_confirmed',
});

async function send(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  try {
    return await fetchKeyed(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw OFFLINE;
  }
}

async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return toProblem(response.status, body).code;
}

// A wrong password or code is also a 401, and no new token makes it right.
const WRONG = /^wrong_/;

/** Send with the present token; when it is refused, renew it once and send again. */
async function sendSignedIn(request: Request): Promise<Response> {
  const again = request.clone();
  const token = tokens.token();
  const response = await send(request, token);
  if (response.status !== 401 || !token || WRONG.test(await codeOf(response))) return response;
  const renewed = await tokens.renew(token);
  return renewed ? send(again, renewed) : response;
}

/** Send; when the server wants a factor shown for it, ask the person, and send again once they did. */
export async function sendConfirmed(request: Request): Promise<Response> {
  addKey(request);
  const again = request.clone();
  const response = await sendSignedIn(request);
  if (response.status !== 403 || (await codeOf(response)) !== 'step_up_required') return response;
  if (!(await confirm())) throw NOT_CONFIRMED;
  return sendSignedIn(again);
}

export const api = createClient<paths>({ baseUrl: '', fetch: sendConfirmed });

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Return the body of a call, or throw the Problem that the server described. */
export async function call<T>(result: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await result;
  if (!response.ok) throw toProblem(response.status, error);
  return data as T;
}
