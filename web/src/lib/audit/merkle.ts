/**
 * The Merkle tree of RFC 9162, section 2.1: hashes of entries and nodes, and what verifies proofs. As the server's
 * `audit/tree.py`; sizes and places are bigints, for they may have more bits than the browser's bitwise operators keep.
 */
import { HASH_SIZE, same, sha256, type Bytes } from './digest';

/** A proof does not show what it is said to show. */
export class ProofError extends Error {}

/** One step up a proof: the hash that was beside, on which side, and what both have above them. */
export interface Step {
  side: 'left' | 'right';
  sibling: Bytes;
  node: Bytes;
}

export function hashLeaf(leaf: Uint8Array): Promise<Bytes> {
  return sha256(Uint8Array.of(0), leaf);
}

export function hashNode(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(Uint8Array.of(1), left, right);
}

export function emptyRoot(): Promise<Bytes> {
  return sha256();
}

interface Inclusion {
  index: number;
  size: number;
  leafHash: Bytes;
  proof: Bytes[];
  root: Bytes;
}

/** Go from the leaf up to the root (section 2.1.3.2) and return each step; throws ProofError where it leads elsewhere. */
export async function verifyInclusion({ index, size, leafHash, proof, root }: Inclusion): Promise<Step[]> {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size))
    throw new ProofError('There is no such entry in a log of this size.');
  checkHashes(proof);
  const steps: Step[] = [];
  const place = new Place(BigInt(index), BigInt(size) - 1n);
  let node = leafHash;
  for (const sibling of proof) {
    if (place.last === 0n) throw new ProofError('The proof of the entry is too long.');
    const side = place.rise();
    node = side === 'left' ? await hashNode(sibling, node) : await hashNode(node, sibling);
    steps.push({ side, sibling, node });
  }
  if (place.last !== 0n) throw new ProofError('The proof of the entry is too short.');
  if (!same(node, root)) throw new ProofError('The entry is not the one that this root stands for.');
  return steps;
}

interface Growth {
  old: number;
  new: number;
  oldRoot: Bytes;
  newRoot: Bytes;
  proof: Bytes[];
}

/** Throw ProofError unless the new log begins with the whole of the old one (section 2.1.4.2). */
export async function verifyConsistency({ old, new: size, oldRoot, newRoot, proof }: Growth): Promise<void> {
  if (!(Number.isSafeInteger(old) && Number.isSafeInteger(size) && old >= 0 && old <= size))
    throw new ProofError('A log does not shrink.');
  checkHashes(proof);
  if (old === 0 || old === size) return verifyTrivial({ old, new: size, oldRoot, newRoot, proof });
  const whole = (BigInt(old) & (BigInt(old) - 1n)) === 0n;
  const [first, ...rest] = whole ? [oldRoot, ...proof] : proof;
  if (!first) throw new ProofError('The proof between the two logs is too short.');
  const place = new Place(BigInt(old) - 1n, BigInt(size) - 1n);
  place.skipRights();
  let [oldNode, newNode] = [first, first];
  for (const sibling of rest) {
    if (place.last === 0n) throw new ProofError('The proof between the two logs is too long.');
    if (place.rise() === 'left') {
      oldNode = await hashNode(sibling, oldNode);
      newNode = await hashNode(sibling, newNode);
    } else newNode = await hashNode(newNode, sibling);
  }
  if (place.last !== 0n) throw new ProofError('The proof between the two logs is too short.');
  if (!same(oldNode, oldRoot)) throw new ProofError('The proof does not lead to the older root.');
  if (!same(newNode, newRoot)) throw new ProofError('The newer log does not begin with the older one.');
}

async function verifyTrivial({ old, new: size, oldRoot, newRoot, proof }: Growth): Promise<void> {
  if (proof.length > 0) throw new ProofError('The proof between the two logs is too long.');
  if (old === 0 && !same(oldRoot, await emptyRoot())) throw new ProofError('The root of the empty log is another.');
  if (old === size && !same(oldRoot, newRoot)) throw new ProofError('Two logs of one size have different roots.');
}

/** A place among the nodes of one height, and the last of them. */
class Place {
  constructor(
    public at: bigint,
    public last: bigint,
  ) {}

  /** Go one step up; return on which side the sibling is. */
  rise(): Step['side'] {
    const right = (this.at & 1n) === 1n;
    const side = right || this.at === this.last ? 'left' : 'right';
    if (side === 'left' && !right) while ((this.at & 1n) === 0n && this.at !== 0n) this.#up();
    this.#up();
    return side;
  }

  /** Go up for as long as this is a right one. */
  skipRights(): void {
    while ((this.at & 1n) === 1n) this.#up();
  }

  #up(): void {
    this.at >>= 1n;
    this.last >>= 1n;
  }
}

function checkHashes(proof: Bytes[]): void {
  if (proof.some((hash) => hash.length !== HASH_SIZE))
    throw new ProofError('The proof has something in it that is no hash.');
}
