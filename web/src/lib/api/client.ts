/** The typed client of the HTTP interface. Every call goes through `call`, which returns the body or throws a Problem. */
import createClient from 'openapi-fetch';
import type { paths } from './schema';
import { OFFLINE, toProblem } from './problem';

export interface TokenSource {
  /** The present access token, or null when nobody is signed in. */
  token(): string | null;
  /** Get a new token; null when the sign-in has ended. `stale` is the one that was refused. */
  renew(stale: string | null): Promise<string | null>;
}

let tokens: TokenSource = { token: () => null, renew: () => Promise.resolve(null) };

export function useTokens(source: TokenSource): void {
  tokens = source;
}

async function send(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw OFFLINE;
  }
}

/** Send with the present token; when it is refused, renew it once and send again. */
async function sendSignedIn(request: Request): Promise<Response> {
  const again = request.clone();
  const token = tokens.token();
  const response = await send(request, token);
  if (response.status !== 401 || /\/auth\/(sign-in|register|refresh)$/.test(request.url)) return response;
  const renewed = await tokens.renew(token);
  return renewed ? send(again, renewed) : response;
}

export const api = createClient<paths>({ baseUrl: '', fetch: sendSignedIn });

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
