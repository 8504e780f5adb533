/**
 * What a browser keeps of a log: the newest checkpoint that it verified. The next one must go on from it, else somebody
 * rewrote the log meanwhile, and this browser is a witness of it.
 */
import type { SignedCheckpoint } from '$lib/api/types';
import { checkOrigin, Mismatch } from './checks';
import { fromBase64, type Bytes } from './digest';
import { ProofError, verifyConsistency } from './merkle';
import { NoteError, openCheckpoint, parseVerifierKey, type Checkpoint } from './notes';

export interface Pinned {
  note: string;
  key: string;
}

export type Seen =
  | { kind: 'first' | 'same' | 'grown' | 'older'; before: Checkpoint | null; now: Checkpoint }
  | { kind: 'broken'; before: Checkpoint | null; why: string };

type Growth = (old: number, size: number) => Promise<{ hashes: string[] }>;

/** Compare a checkpoint of the server with the one that was kept; throws only what `growth` throws. */
export async function compare(
  kept: Pinned | null,
  found: SignedCheckpoint,
  key: string,
  tenant: string,
  growth: Growth,
): Promise<Seen> {
  let before: Checkpoint | null = null;
  try {
    if (kept) before = await openKept(kept);
    if (kept && kept.key !== key)
      return broken(before, 'The log is signed by another key than the one that this browser knows.');
    const verifier = await parseVerifierKey(key);
    const now = await openCheckpoint(found.note, verifier);
    checkOrigin(now, verifier, tenant);
    if (!before) return { kind: 'first', before, now };
    if (before.origin !== now.origin) return broken(before, 'The checkpoint that was kept is of another log.');
    return await follow(before, now, growth);
  } catch (error) {
    if (error instanceof NoteError || error instanceof ProofError || error instanceof Mismatch)
      return broken(before, error.message);
    throw error;
  }
}

async function follow(before: Checkpoint, now: Checkpoint, growth: Growth): Promise<Seen> {
  const [old, newer] = before.size <= now.size ? [before, now] : [now, before];
  const proof = old.size === newer.size ? [] : (await growth(old.size, newer.size)).hashes.map(bytes);
  await verifyConsistency({ old: old.size, new: newer.size, oldRoot: old.root, newRoot: newer.root, proof });
  const kind = old.size === newer.size ? 'same' : old === before ? 'grown' : 'older';
  return { kind, before, now };
}

/** What storage holds may have been changed there; its own signature says so. */
async function openKept(kept: Pinned): Promise<Checkpoint> {
  return openCheckpoint(kept.note, await parseVerifierKey(kept.key));
}

function broken(before: Checkpoint | null, why: string): Seen {
  return { kind: 'broken', before, why };
}

function bytes(text: string): Bytes {
  const found = fromBase64(text);
  if (!found) throw new ProofError('The proof has something in it that is no hash.');
  return found;
}
