/** Passkeys in the browser: the server's JSON (WebAuthn level 3, section 5.1) to what the browser takes, and back. */
import type { components } from '$lib/api/schema';

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const base64 = text.replace(/-/g, '+').replace(/_/g, '/');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function fromBytes(bytes: ArrayBuffer | Uint8Array): string {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  let binary = '';
  for (const byte of view) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export type OptionsJson = Record<string, unknown>;
type DescriptorJson = Omit<PublicKeyCredentialDescriptor, 'id'> & { id: string };

function toDescriptors(list: unknown): PublicKeyCredentialDescriptor[] {
  const descriptors = Array.isArray(list) ? (list as DescriptorJson[]) : [];
  return descriptors.map(({ id, ...rest }) => ({ ...rest, id: toBytes(id) }));
}

/** What `navigator.credentials.create` takes. */
export function toCreation(json: OptionsJson): PublicKeyCredentialCreationOptions {
  const user = json.user as { id: string; name: string; displayName: string };
  return {
    ...(json as unknown as PublicKeyCredentialCreationOptions),
    challenge: toBytes(String(json.challenge)),
    user: { ...user, id: toBytes(user.id) },
    excludeCredentials: toDescriptors(json.excludeCredentials),
  };
}

/** What `navigator.credentials.get` takes. */
export function toRequest(json: OptionsJson): PublicKeyCredentialRequestOptions {
  return {
    ...(json as unknown as PublicKeyCredentialRequestOptions),
    challenge: toBytes(String(json.challenge)),
    allowCredentials: toDescriptors(json.allowCredentials),
  };
}

type Schemas = components['schemas'];

function shell(credential: PublicKeyCredential) {
  return { id: credential.id, rawId: fromBytes(credential.rawId), type: 'public-key' as const };
}

/** What the server takes of a credential that the browser made. */
export function fromMade(credential: PublicKeyCredential): Schemas['NewCredential'] {
  const made = credential.response as AuthenticatorAttestationResponse;
  return {
    ...shell(credential),
    response: {
      clientDataJSON: fromBytes(made.clientDataJSON),
      attestationObject: fromBytes(made.attestationObject),
      // Not every browser says how it can be reached.
      transports: made.getTransports?.() ?? [],
    },
  };
}

/** What the server takes of a credential that the browser used. */
export function fromUsed(credential: PublicKeyCredential): Schemas['UsedCredential'] {
  const used = credential.response as AuthenticatorAssertionResponse;
  return {
    ...shell(credential),
    response: {
      clientDataJSON: fromBytes(used.clientDataJSON),
      authenticatorData: fromBytes(used.authenticatorData),
      signature: fromBytes(used.signature),
      ...(used.userHandle ? { userHandle: fromBytes(used.userHandle) } : {}),
    },
  };
}
