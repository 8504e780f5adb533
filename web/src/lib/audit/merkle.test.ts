// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { fromBase64, toHex, type Bytes } from './digest';
import { emptyRoot, hashLeaf, ProofError, verifyConsistency, verifyInclusion } from './merkle';
import vectors from './vectors.json';

// The roots that the tests of Certificate Transparency have for its eight leaves, for 0 to 8 of them.
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const bytes = (text: string): Bytes => fromBase64(text) ?? expect.unreachable();
const hex = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'hex'));

async function inclusion(of: (typeof vectors.included)[number]) {
  return {
    index: of.index,
    size: of.size,
    leafHash: await hashLeaf(hex(of.leaf)),
    proof: of.hashes.map(bytes),
    root: bytes(of.root),
  };
}

const growth = (of: (typeof vectors.grown)[number]) => ({
  old: of.old,
  new: of.new,
  oldRoot: bytes(of.old_root),
  newRoot: bytes(of.new_root),
  proof: of.hashes.map(bytes),
});

describe('the tree', () => {
  it('has the known roots', async () => {
    expect(vectors.known.roots).toEqual(ROOTS);
    expect(toHex(await emptyRoot())).toBe(ROOTS[0]);
    expect(toHex(await hashLeaf(hex('')))).toBe(ROOTS[1]);
  });

  it('leads from every leaf of the known trees to their roots', async () => {
    for (const one of vectors.known_proofs) {
      const steps = await verifyInclusion(await inclusion(one));
      expect(toHex(steps.at(-1)?.node ?? (await hashLeaf(hex(one.leaf))))).toBe(ROOTS[one.size]);
    }
  });

  it('agrees with the server for trees of random sizes', async () => {
    for (const one of vectors.included)
      expect(await verifyInclusion(await inclusion(one))).toHaveLength(one.hashes.length);
    for (const one of vectors.grown) await verifyConsistency(growth(one));
  });
});

describe('a forged proof', () => {
  it.each(vectors.included.map((one) => [one.index, one.size, one] as const))(
    'of entry %i of %i is refused',
    async (_, __, one) => {
      const right = await inclusion(one);
      const flipped = right.proof.map((hash, at) => (at === 0 ? hash.map((byte) => byte ^ 1) : hash));
      const forgeries = [
        { ...right, leafHash: await hashLeaf(hex('ff')) },
        { ...right, root: right.leafHash.map((byte) => byte ^ 128) },
        { ...right, proof: [...right.proof, right.root] },
        { ...right, index: one.size },
        { ...right, index: -1 },
        { ...right, size: 0 },
        { ...right, proof: [right.root.slice(1), ...right.proof.slice(1)] },
        ...(one.hashes.length > 0
          ? [
              { ...right, proof: flipped },
              { ...right, proof: right.proof.slice(1) },
            ]
          : []),
      ];
      for (const forged of forgeries) await expect(verifyInclusion(forged)).rejects.toThrow(ProofError);
    },
  );

  it('of growth is refused', async () => {
    for (const one of vectors.grown) {
      const right = growth(one);
      const wrongRoot = right.oldRoot.map((byte) => byte ^ 1);
      const forgeries = [
        { ...right, oldRoot: wrongRoot },
        { ...right, proof: [...right.proof, right.newRoot] },
        { ...right, old: one.new + 1 },
        ...(one.old > 0 ? [{ ...right, newRoot: right.newRoot.map((byte) => byte ^ 1) }] : []),
        ...(one.hashes.length > 0 ? [{ ...right, proof: right.proof.slice(0, -1) }] : []),
      ];
      for (const forged of forgeries) await expect(verifyConsistency(forged)).rejects.toThrow(ProofError);
    }
  });
});
