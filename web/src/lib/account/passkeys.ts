/** Making and showing passkeys, with words for what people and browsers do meanwhile. */
import type { components } from '$lib/api/schema';
import { Problem } from '$lib/api/problem';
import { fromMade, fromUsed, toCreation, toRequest } from './webauthn';

type Schemas = components['schemas'];
type Challenge = Schemas['PasskeyChallenge'];

/** A passkey that was made for a challenge. */
export interface Made {
  ticket: string;
  credential: Schemas['NewCredential'];
}

/** A passkey that was used for a challenge. */
export interface Used {
  ticket: string;
  credential: Schemas['UsedCredential'];
}

/** Passkeys belong to a name: a browser makes none for a bare IP address, nor over plain HTTP elsewhere. */
export function canPasskey(host = location.hostname): boolean {
  const address = /^[\d.]+$/.test(host) || host.includes(':');
  return typeof window.PublicKeyCredential === 'function' && window.isSecureContext && !address;
}

/** Whether the browser offers passkeys in the list of a field's suggestions. */
export async function canSuggest(): Promise<boolean> {
  if (!canPasskey()) return false;
  return (await window.PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false)) ?? false;
}

const WORDS: Record<string, string> = {
  NotAllowedError: 'No passkey was given. Try again, or use another way.',
  InvalidStateError: 'This device holds a passkey of this account already.',
  NotSupportedError: 'This device cannot make a passkey of the kind that is needed.',
  SecurityError: 'This page’s address cannot be used with passkeys.',
  ConstraintError: 'This device cannot check that it is you. Set up its screen lock first.',
};

/** Whether a wait for a passkey was ended by the page itself. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DOMException) || isAborted(error)) throw error;
    throw new Problem(WORDS[error.name] ?? 'The passkey did not work.', { status: 400, code: 'passkey' });
  }
}

function taken(credential: Credential | null): PublicKeyCredential {
  if (credential instanceof PublicKeyCredential) return credential;
  throw new Problem('No passkey was given.', { status: 400, code: 'passkey' });
}

/** Make a passkey for what the server asked. */
export async function makePasskey(challenge: Challenge): Promise<Made> {
  const made = await told(navigator.credentials.create({ publicKey: toCreation(challenge.options) }));
  return { ticket: challenge.ticket, credential: fromMade(taken(made)) };
}

/** Show a passkey; `suggest` waits for one that is chosen among a field's suggestions. */
export async function showPasskey(
  challenge: Challenge,
  { suggest = false, signal }: { suggest?: boolean; signal?: AbortSignal } = {},
): Promise<Used> {
  const publicKey = toRequest(challenge.options);
  const options = {
    publicKey,
    ...(signal ? { signal } : {}),
    ...(suggest ? { mediation: 'conditional' as const } : {}),
  };
  const shown = await told(navigator.credentials.get(options));
  return { ticket: challenge.ticket, credential: fromUsed(taken(shown)) };
}
