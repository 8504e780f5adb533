/**
 * SHA-256 and Ed25519. The browser's own where it has them; it has none on pages that came without encryption, and some
 * have no Ed25519 at all: a small library computes them then.
 */

export const HASH_SIZE = 32;

export type Bytes = Uint8Array<ArrayBuffer>;

export async function sha256(...parts: Uint8Array[]): Promise<Bytes> {
  const joined = join(...parts);
  if (globalThis.crypto?.subtle) return new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
  const library = await import('@noble/hashes/sha2.js');
  return new Uint8Array(library.sha256(joined));
}

/** Whether this key made the signature of the text. */
export async function signed(key: Uint8Array, text: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  const imported = await importKey(key);
  if (imported) return crypto.subtle.verify('Ed25519', imported, join(signature), join(text));
  const { ed25519 } = await import('@noble/curves/ed25519.js');
  try {
    return ed25519.verify(signature, text, key, { zip215: false });
  } catch {
    return false; // a point that is on no curve
  }
}

/** Null where the browser knows no Ed25519. */
async function importKey(key: Uint8Array): Promise<CryptoKey | null> {
  try {
    return (await globalThis.crypto?.subtle?.importKey('raw', join(key), 'Ed25519', false, ['verify'])) ?? null;
  } catch {
    return null;
  }
}

export function join(...parts: Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Read base64 in its one proper form; null for anything else. */
export function fromBase64(text: string): Bytes | null {
  try {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    return btoa(String.fromCharCode(...bytes)) === text ? bytes : null;
  } catch {
    return null;
  }
}
