/** Who is signed in. The access token lives in memory only; the refresh cookie is out of any script's reach. */
import { useTokens } from '$lib/api/client';
import type { paths } from '$lib/api/schema';
import { OFFLINE, toProblem } from '$lib/api/problem';
import type { ConfirmationSent, FactorNeeded, Me, Session as SignedIn } from '$lib/api/types';
import { alone } from './alone';

const PATH = '/api/v1/auth';
const CHANNEL = 'outcry.session';

// Says that this browser has signed in before; without it, asking for a new token could only fail.
const HINT = 'outcry.known';

function isKnown(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

function setKnown(known: boolean): void {
  try {
    if (known) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
  } catch {
    // Storage may be forbidden: the server is then asked each time.
  }
}

type Status = 'unknown' | 'in' | 'out';

/** What comes of showing a first factor: a session, the wish for a second factor, or a mail with a link. */
export type Outcome = SignedIn | FactorNeeded | ConfirmationSent;

type EntryPath =
  'confirm' | 'recover/finish' | 'register' | 'register/passkey' | 'sign-in' | 'sign-in/factor' | 'sign-in/passkey';
type MovePath = 'invitations/accept' | 'switch';
type BodyOf<P extends EntryPath | MovePath> =
  paths[`${typeof PATH}/${P}`]['post']['requestBody']['content']['application/json'];

async function post<T>(path: string, body?: unknown, token?: string | null, solved = ''): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${PATH}/${path}`, {
      method: 'POST',
      credentials: 'same-origin',
      // Who signs out and closes the page at once is signed out.
      keepalive: path === 'sign-out',
      headers: {
        'X-Outcry': '1',
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(solved ? { 'Challenge-Response': solved } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw OFFLINE;
  }
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw toProblem(response.status, answer);
  return answer as T;
}

export class Session {
  status = $state<Status>('unknown');
  me = $state.raw<Me | null>(null);
  /** Told each new token, so that an open socket goes on. */
  onRenewed: (token: string) => void = () => undefined;
  /** Told when the sign-in has ended; `chosen` says that the person signed out. */
  onEnded: (chosen: boolean) => void = () => undefined;

  #token: string | null = null;
  #renewing: Promise<string | null> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);

  constructor() {
    useTokens({ token: () => this.#token, renew: (stale) => this.renew(stale) });
    this.#channel?.addEventListener('message', () => this.#end(true));
  }

  token(): string | null {
    return this.#token;
  }

  may(permission: string): boolean {
    return this.me?.permissions.includes(permission) ?? false;
  }

  /** Find out on the first page whether somebody is signed in. Throws when the server cannot be reached. */
  async start(): Promise<void> {
    if (this.status !== 'unknown') return;
    if (isKnown()) await this.renew(null);
    else this.status = 'out';
  }

  /** Send what may sign somebody in, with what a challenge gave; when it did, the session has begun on return. */
  async enter<P extends EntryPath>(path: P, body: BodyOf<P>, solved = ''): Promise<Outcome> {
    const outcome = await post<Outcome>(path, body, null, solved);
    if (outcome.kind === 'session') this.#begin(outcome);
    return outcome;
  }

  /** Let this session go on in another organisation. */
  async move<P extends MovePath>(path: P, body: BodyOf<P>): Promise<void> {
    // After a long sleep of the machine the token is too old: with a new one first, one try is enough.
    await this.renew(this.#token);
    this.#begin(await alone(() => post<SignedIn>(path, body, this.#token)));
  }

  /** Somebody leaves for a provider and may come back signed in: ask the server then. */
  expect(): void {
    setKnown(true);
  }

  /** The person changed something of themselves. */
  update(me: Me): void {
    this.me = me;
  }

  /** The account is gone: nothing is left to sign out of. */
  forget(): void {
    this.#channel?.postMessage('ended');
    this.#end(true);
  }

  async signOut(): Promise<void> {
    await alone(() => post('sign-out')).catch(() => undefined);
    this.#channel?.postMessage('ended');
    this.#end(true);
  }

  /** A token other than `stale`; null when the sign-in has ended. Callers at the same time share one try. */
  renew(stale: string | null): Promise<string | null> {
    if (this.#token && this.#token !== stale) return Promise.resolve(this.#token);
    this.#renewing ??= this.#refresh().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #refresh(): Promise<string | null> {
    try {
      this.#begin(await alone(() => post<SignedIn>('refresh')));
      return this.#token;
    } catch (error) {
      const refused = error instanceof Error && 'status' in error && (error.status === 401 || error.status === 403);
      if (!refused) throw error;
      this.#end(false);
      return null;
    }
  }

  #begin(signedIn: SignedIn): void {
    this.#token = signedIn.access_token;
    this.me = signedIn.me;
    this.status = 'in';
    setKnown(true);
    clearTimeout(this.#timer);
    // Renewed a little early, so that the socket, which is not asked again, stays signed in.
    this.#timer = setTimeout(() => void this.renew(this.#token).catch(() => undefined), signedIn.expires_in * 800);
    this.onRenewed(signedIn.access_token);
  }

  #end(chosen: boolean): void {
    clearTimeout(this.#timer);
    const wasIn = this.status === 'in';
    this.#token = null;
    this.me = null;
    this.status = 'out';
    setKnown(false);
    if (wasIn) this.onEnded(chosen);
  }
}

export const session = new Session();
