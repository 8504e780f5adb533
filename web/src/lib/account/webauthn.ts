/** Passkeys in the browser: the server's JSON (WebAuthn level 3, section 5.1) to what the browser takes, and back. */

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

export type CredentialJson = Record<string, unknown>;

/** What the server takes of a credential that the browser made or showed. */
export function toJson(credential: PublicKeyCredential): CredentialJson {
  const { response } = credential;
  const parts: Record<string, unknown> = { clientDataJSON: fromBytes(response.clientDataJSON) };
  if ('attestationObject' in response) {
    const made = response as AuthenticatorAttestationResponse;
    parts.attestationObject = fromBytes(made.attestationObject);
    parts.transports = made.getTransports?.() ?? [];
  } else {
    const shown = response as AuthenticatorAssertionResponse;
    parts.authenticatorData = fromBytes(shown.authenticatorData);
    parts.signature = fromBytes(shown.signature);
    if (shown.userHandle) parts.userHandle = fromBytes(shown.userHandle);
  }
  return {
    id: credential.id,
    rawId: fromBytes(credential.rawId),
    type: credential.type,
    response: parts,
    clientExtensionResults: credential.getClientExtensionResults(),
    ...(credential.authenticatorAttachment ? { authenticatorAttachment: credential.authenticatorAttachment } : {}),
  };
}
