/** Signed notes and the checkpoints in them (C2SP signed-note and tlog-checkpoint), as the server's `audit/notes.py`. */
import { fromBase64, HASH_SIZE, join, sha256, signed, toHex, type Bytes } from './digest';

/** A note, a checkpoint or a key is not what it should be. */
export class NoteError extends Error {}

/** The public half of a key that signs notes. `id` is its fingerprint of four bytes. */
export interface VerifierKey {
  name: string;
  id: string;
  public: Bytes;
}

/** How a log stood: `root` is that of its first `size` entries. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
  time: string;
}

const ED25519 = 1;
const ID_SIZE = 4;
const MOST_BYTES = 64 * 1024;
const MOST_SIGNATURES = 100;
const SIGNATURE = /^— ([^ +\s]+) ([A-Za-z0-9+/=]+)$/u;
const SIZE = /^(0|[1-9][0-9]{0,15})$/;
const TIME = /^time (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))$/;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Read a key that is written as `name+id+base64`; throws NoteError. */
export async function parseVerifierKey(written: string): Promise<VerifierKey> {
  const [name, id, ...rest] = written.trim().split('+');
  if (!name || !id || rest.length === 0) throw new NoteError('A verifier key is name+id+base64.');
  if (/\s/.test(name)) throw new NoteError("A key's name has no spaces and no plus sign.");
  const raw = fromBase64(rest.join('+'));
  if (!raw || raw[0] !== ED25519 || raw.length !== 33) throw new NoteError('The verifier key is not one of Ed25519.');
  const hash = await sha256(encode(`${name}\n`), raw);
  if (toHex(hash.slice(0, ID_SIZE)) !== id)
    throw new NoteError('The verifier key does not fit its own id: it was changed or cut.');
  return { name, id, public: raw.slice(1) };
}

/** Return the text of a note that this key signed; throws NoteError. */
export async function openNote(note: string, key: VerifierKey): Promise<string> {
  const cut = note.lastIndexOf('\n\n');
  const lines = note.slice(cut + 2).split('\n');
  const shaped = cut >= 0 && lines.pop() === '' && lines.length > 0 && lines.length <= MOST_SIGNATURES;
  if (!shaped || encode(note).length > MOST_BYTES) throw new NoteError('This is no signed note.');
  const text = note.slice(0, cut + 1);
  let good = false;
  for (const line of lines) good = (await check(line, encode(text), key)) || good;
  if (!good) throw new NoteError(`The note is not signed by ${key.name}+${key.id}.`);
  return text;
}

/** Whether a line is this key's signature; throws NoteError for a wrong one, also beside a right one. */
async function check(line: string, text: Uint8Array, key: VerifierKey): Promise<boolean> {
  const match = SIGNATURE.exec(line);
  if (!match) throw new NoteError('This is no signed note.');
  const raw = fromBase64(match[2] ?? '');
  if (!raw) throw new NoteError('A signature is not in base64.');
  if (match[1] !== key.name || toHex(raw.slice(0, ID_SIZE)) !== key.id) return false;
  if (!(await signed(key.public, text, raw.slice(ID_SIZE))))
    throw new NoteError('The signature is wrong: the note was changed, or another key signed it.');
  return true;
}

/** Read the checkpoint in a note's text; throws NoteError. Only what `openNote` returned can be trusted. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin, size, root, time] = lines;
  const when = TIME.exec(time ?? '');
  if (lines.length < 5 || lines.pop() !== '' || lines.includes('') || !origin || !when?.[1])
    throw new NoteError('The note holds no checkpoint of an audit log.');
  if (!SIZE.test(size ?? '') || !Number.isSafeInteger(Number(size)))
    throw new NoteError("The checkpoint's size is no number.");
  const hash = fromBase64(root ?? '');
  if (hash?.length !== HASH_SIZE) throw new NoteError("The checkpoint's root is no hash.");
  return { origin, size: Number(size), root: hash, time: when[1] };
}

/** Return the checkpoint of a note that this key signed; throws NoteError. */
export async function openCheckpoint(note: string, key: VerifierKey): Promise<Checkpoint> {
  return parseCheckpoint(await openNote(note, key));
}

/** The whole fingerprint of a key: SHA-256 of it, in groups that people can compare. */
export async function fingerprint(key: VerifierKey): Promise<string> {
  const hash = toHex(await sha256(encode(`${key.name}\n`), join(Uint8Array.of(ED25519), key.public)));
  return hash.match(/.{4}/g)?.join(' ') ?? hash;
}
