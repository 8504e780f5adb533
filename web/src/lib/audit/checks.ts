/** Proves an entry in the browser: each step is computed here, and believed for no other reason. */
import type { AuditEntry, InclusionProof } from '$lib/api/types';
import { fromBase64, same, toHex, type Bytes } from './digest';
import { hashLeaf, ProofError, verifyInclusion, type Step } from './merkle';
import { fingerprint, NoteError, openCheckpoint, parseVerifierKey, type Checkpoint, type VerifierKey } from './notes';
import { readLeaf } from './values';

export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

/** What came of it. What was not reached, because something before it failed, is null. */
export interface Proven {
  ok: boolean;
  checks: Check[];
  leafHash: Bytes | null;
  steps: Step[];
  checkpoint: Checkpoint | null;
  key: VerifierKey | null;
  fingerprint: string;
}

export class Mismatch extends Error {}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Verify a proof of the entry that is shown, in the log of an organisation. Never throws for a wrong proof. */
export async function prove(entry: AuditEntry, proof: InclusionProof, tenant: string): Promise<Proven> {
  const proven: Proven = {
    ok: false,
    checks: [],
    leafHash: null,
    steps: [],
    checkpoint: null,
    key: null,
    fingerprint: '',
  };
  const step = async (name: string, act: () => Promise<string> | string): Promise<void> => {
    try {
      proven.checks.push({ name, ok: true, detail: await act() });
    } catch (error) {
      proven.checks.push({ name, ok: false, detail: error instanceof Error ? error.message : String(error) });
      if (!(error instanceof Mismatch || error instanceof ProofError || error instanceof NoteError)) throw error;
      throw STOP;
    }
  };
  try {
    await step('The entry shown is the entry proved', () => compare(entry, proof));
    await step('Its hash', async () => {
      proven.leafHash = await hashOf(proof);
      return `${toHex(proven.leafHash)}${proof.leaf ? '' : ' (as the server gave it: the text is archived away)'}`;
    });
    await step('The signature of the checkpoint', async () => {
      proven.key = await parseVerifierKey(proof.key);
      proven.fingerprint = await fingerprint(proven.key);
      proven.checkpoint = await openCheckpoint(proof.checkpoint.note, proven.key);
      return checkOrigin(proven.checkpoint, proven.key, tenant);
    });
    await step('The path from the entry to the signed root', async () => {
      proven.steps = await climb(proof, proven.leafHash as Bytes, proven.checkpoint as Checkpoint);
      return `${proven.steps.length} hashes lead to ${toHex((proven.checkpoint as Checkpoint).root)}`;
    });
    proven.ok = true;
  } catch (error) {
    if (error !== STOP) throw error;
  }
  return proven;
}

const STOP = new Error('a step failed');

/** What the page shows must be what was hashed: of a row beside the leaf nothing is proved. */
function compare(entry: AuditEntry, proof: InclusionProof): string {
  if (proof.index !== entry.index) throw new Mismatch('The proof is of another entry.');
  if (proof.leaf !== entry.leaf) throw new Mismatch('The text of the entry is another one than was shown.');
  if (!proof.leaf) return 'Its text is archived away: only its place and its hash are left to prove.';
  const leaf = readLeaf(proof.leaf);
  if (!leaf) throw new Mismatch('The entry cannot be read.');
  const shown = {
    index: entry.index,
    id: entry.id,
    actor: entry.actor_id,
    act: entry.act,
    object: { type: entry.object_type, id: entry.object_id },
    person: entry.person_id,
    outcome: entry.outcome,
    request: entry.request_id,
    trace: entry.trace,
    before: entry.before,
    after: entry.after,
  };
  for (const [name, value] of Object.entries(shown))
    if (canonical(leaf[name]) !== canonical(value))
      throw new Mismatch(`What is shown as “${name}” is not what was hashed.`);
  if (Date.parse(String(leaf.time)) !== Date.parse(entry.time))
    throw new Mismatch('The time that is shown is not the one that was hashed.');
  return `Every field that is shown is in the text that was hashed, at place ${entry.index} of the log.`;
}

async function hashOf(proof: InclusionProof): Promise<Bytes> {
  const given = bytes(proof.leaf_hash);
  if (!proof.leaf) return given;
  const hash = await hashLeaf(encode(proof.leaf));
  if (!same(hash, given)) throw new Mismatch('The hash that the server gave is not that of the entry.');
  return hash;
}

export function checkOrigin(checkpoint: Checkpoint, key: VerifierKey, tenant: string): string {
  if (checkpoint.origin !== `${key.name}/${tenant}`) throw new Mismatch('The checkpoint is of another log.');
  return `Signed by ${key.name}+${key.id}, for a log of ${checkpoint.size} entries.`;
}

function climb(proof: InclusionProof, leafHash: Bytes, { size, root }: Checkpoint): Promise<Step[]> {
  return verifyInclusion({ index: proof.index, size, leafHash, proof: proof.hashes.map(bytes), root });
}

function bytes(text: string): Bytes {
  const found = fromBase64(text);
  if (!found) throw new ProofError('The proof has something in it that is no hash.');
  return found;
}

/** JSON with its keys in order, to compare by. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}
