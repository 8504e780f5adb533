// @vitest-environment node
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { InclusionProof, SignedCheckpoint } from '$lib/api/types';
import { prove } from './checks';
import { fromBase64, join, sha256, toHex, type Bytes } from './digest';
import { hashLeaf, hashNode } from './merkle';
import { compare } from './pinned';
import { makeEntry } from './samples';

const TENANT = '0190aaaa-0000-7000-8000-00000000000f';
const NAME = 'outcry/audit';
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A server's key, that signs checkpoints of what logs one likes. */
async function makeSigner() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  const typed = join(Uint8Array.of(1), raw);
  const id = (await sha256(new TextEncoder().encode(`${NAME}\n`), typed)).slice(0, 4);
  return { key: `${NAME}+${toHex(id)}+${base64(typed)}`, id, privateKey };
}

function signed(
  of: { id: Bytes; privateKey: KeyObject },
  size: number,
  root: Bytes,
  tenant = TENANT,
): SignedCheckpoint {
  const time = '2026-11-25T10:00:00.000000+00:00';
  const text = `${NAME}/${tenant}\n${size}\n${base64(root)}\ntime ${time}\n`;
  const signature = join(of.id, Uint8Array.from(sign(null, Buffer.from(text), of.privateKey)));
  return { size, root: base64(root), time, note: `${text}\n— ${NAME} ${base64(signature)}\n` };
}

const leaf = (text: string): Promise<Bytes> => hashLeaf(new TextEncoder().encode(text));
const [one, two, evil] = await Promise.all([leaf('one'), leaf('two'), leaf('evil')]);
const both = await hashNode(one, two);
const server = await makeSigner();
const other = await makeSigner();
const never = () => Promise.reject(new Error('nothing to ask'));
const grows =
  (...hashes: Bytes[]) =>
  () =>
    Promise.resolve({ hashes: hashes.map(base64) });

describe('what a browser saw of a log', () => {
  const first = signed(server, 1, one);
  const kept = { note: first.note, key: server.key };

  it('is kept the first time, and compared the next', async () => {
    expect(await compare(null, first, server.key, TENANT, never)).toMatchObject({ kind: 'first', now: { size: 1 } });
    expect(await compare(kept, first, server.key, TENANT, never)).toMatchObject({ kind: 'same' });
    const next = signed(server, 2, both);
    expect(await compare(kept, next, server.key, TENANT, grows(two))).toMatchObject({
      kind: 'grown',
      now: { size: 2 },
    });
    const later = { note: next.note, key: server.key };
    expect(await compare(later, first, server.key, TENANT, grows(two))).toMatchObject({ kind: 'older' });
  });

  it('is told where the log was rewritten', async () => {
    const rewritten = signed(server, 2, await hashNode(evil, two));
    const found = [
      await compare(kept, rewritten, server.key, TENANT, grows(two)),
      await compare(kept, signed(server, 1, evil), server.key, TENANT, never),
      await compare(kept, signed(server, 2, both), server.key, TENANT, grows()),
      await compare(kept, signed(other, 2, both), other.key, TENANT, grows(two)),
      await compare(kept, signed(other, 2, both), server.key, TENANT, grows(two)),
      await compare(kept, signed(server, 2, both, 'another'), server.key, TENANT, grows(two)),
      await compare({ ...kept, note: kept.note.replace('\n1\n', '\n2\n') }, first, server.key, TENANT, never),
      await compare(
        { note: signed(server, 2, both).note, key: server.key },
        signed(server, 1, evil),
        server.key,
        TENANT,
        grows(two),
      ),
    ];
    expect(found.map((each) => each.kind)).toEqual(found.map(() => 'broken'));
  });

  it('is not told to be broken where no answer came', async () => {
    await expect(compare(kept, signed(server, 2, both), server.key, TENANT, never)).rejects.toThrow('nothing to ask');
  });
});

describe('an entry', () => {
  const entry = makeEntry();

  async function proof(changes: Partial<InclusionProof> = {}): Promise<InclusionProof> {
    const leafHash = await leaf(entry.leaf);
    // The eighth of eight: all that is beside it is at its left.
    const hashes = [one, two, both];
    let root = leafHash;
    for (const sibling of hashes) root = await hashNode(sibling, root);
    return {
      index: 7,
      leaf: entry.leaf,
      leaf_hash: base64(leafHash),
      hashes: hashes.map(base64),
      checkpoint: signed(server, 8, root),
      key: server.key,
      ...changes,
    };
  }

  it('is proved step by step', async () => {
    const proven = await prove(entry, await proof(), TENANT);
    expect(proven.checks.map((check) => check.ok)).toEqual([true, true, true, true]);
    expect(proven).toMatchObject({ ok: true, checkpoint: { size: 8 }, key: { name: NAME } });
    expect(proven.steps.map((step) => step.side)).toEqual(['left', 'left', 'left']);
    expect(base64(proven.steps.at(-1)?.node ?? new Uint8Array())).toBe((await proof()).checkpoint.root);
  });

  it.each<[string, number, (right: InclusionProof) => Partial<InclusionProof>]>([
    ['another place', 0, () => ({ index: 6 })],
    ['another text', 0, ({ leaf }) => ({ leaf: leaf.replace('admin', 'owner') })],
    ['another hash', 1, () => ({ leaf_hash: base64(evil) })],
    [
      'a changed signature',
      2,
      ({ checkpoint }) => ({ checkpoint: { ...checkpoint, note: checkpoint.note.replace('\n8\n', '\n9\n') } }),
    ],
    ['the key of somebody else', 2, () => ({ key: other.key })],
    ['a broken key', 2, () => ({ key: 'x' })],
    [
      'the log of others',
      2,
      ({ checkpoint }) => ({ checkpoint: signed(server, 8, fromBase64(checkpoint.root) as Bytes, 'other') }),
    ],
    ['another path', 3, ({ hashes }) => ({ hashes: [...hashes].reverse() })],
    ['a short path', 3, ({ hashes }) => ({ hashes: hashes.slice(1) })],
    ['what is no hash', 3, ({ hashes }) => ({ hashes: ['!', ...hashes.slice(1)] })],
  ])('with %s is refused, and the step is named', async (_, at, change) => {
    const right = await proof();
    const proven = await prove(entry, { ...right, ...change(right) }, TENANT);
    expect(proven.ok).toBe(false);
    expect(proven.checks).toHaveLength(at + 1);
    expect(proven.checks[at]?.ok).toBe(false);
  });

  it('that is shown otherwise than it was hashed is refused', async () => {
    for (const changes of [
      { outcome: 'failed' },
      { actor_id: null },
      { after: { role: 'owner' } },
      { time: '2026-11-25T10:00:01Z' },
    ]) {
      const proven = await prove({ ...entry, ...changes }, await proof(), TENANT);
      expect(proven.checks.map((check) => check.ok)).toEqual([false]);
    }
  });

  it('whose text is archived away is proved by its hash', async () => {
    const proven = await prove({ ...entry, leaf: '', kept: 'archived_away' }, await proof({ leaf: '' }), TENANT);
    expect(proven.ok).toBe(true);
    expect(proven.checks[1]?.detail).toContain('archived away');
  });
});
