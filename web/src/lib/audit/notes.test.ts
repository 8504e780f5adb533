// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fromBase64, toHex } from './digest';
import { fingerprint, NoteError, openCheckpoint, openNote, parseCheckpoint, parseVerifierKey } from './notes';
import vectors from './vectors.json';

const { note, key, other_key: otherKey, other_note: otherNote, both, root, size } = vectors.note;

afterEach(() => vi.unstubAllGlobals());

describe.each(['the browser', 'the library'])('by what %s computes', (by) => {
  const choose = (): void => {
    if (by === 'the library') vi.stubGlobal('crypto', {});
  };

  it('a checkpoint of the server is opened', async () => {
    choose();
    const found = await openCheckpoint(note, await parseVerifierKey(key));
    expect(found).toMatchObject({ origin: 'outcry/audit/desk', size, time: '2026-01-02T03:04:05.678901+00:00' });
    expect(found.root).toEqual(fromBase64(root));
  });

  it('signatures of others are passed over, and no others are believed', async () => {
    choose();
    expect(await openNote(both, await parseVerifierKey(key))).toBe(await openNote(note, await parseVerifierKey(key)));
    await openNote(both, await parseVerifierKey(otherKey));
    await expect(openNote(otherNote, await parseVerifierKey(key))).rejects.toThrow('not signed by outcry/audit');
  });

  it('a note with any character changed is refused', async () => {
    choose();
    const verifier = await parseVerifierKey(key);
    for (let at = 0; at < note.length; at += 7) {
      const changed = note.slice(0, at) + (note[at] === 'x' ? 'y' : 'x') + note.slice(at + 1);
      await expect(openCheckpoint(changed, verifier), `at ${at}`).rejects.toThrow(NoteError);
    }
  });
});

describe('a key', () => {
  it('that was changed or cut is refused', async () => {
    for (const wrong of [
      '',
      'a+b',
      `${key}A`,
      key.slice(0, -4),
      key.replace('+', '+0'),
      key.replace('outcry', 'other'),
    ])
      await expect(parseVerifierKey(wrong), wrong).rejects.toThrow(NoteError);
  });

  it('has a fingerprint that begins with its id', async () => {
    const verifier = await parseVerifierKey(key);
    expect((await fingerprint(verifier)).replaceAll(' ', '').slice(0, 8)).toBe(verifier.id);
    expect(toHex(verifier.public)).toHaveLength(64);
  });
});

describe('a note', () => {
  it('of another shape is none', async () => {
    const verifier = await parseVerifierKey(key);
    const wrong = [
      '',
      '\n\n',
      note.trimEnd(),
      `${note}\n`,
      `${note}no signature\n`,
      note.replace('\n\n', '\n'),
      'x'.repeat(70_000),
    ];
    for (const one of wrong) await expect(openNote(one, verifier), one.slice(0, 40)).rejects.toThrow(NoteError);
  });

  it('without a checkpoint in it is refused', () => {
    const text = `desk\n3\n${root}\ntime 2026-01-02T03:04:05+00:00\n`;
    expect(parseCheckpoint(text).size).toBe(3);
    for (const wrong of [
      text.replace('3\n', '03\n'),
      text.replace('\n3\n', '\n-3\n'),
      text.replace('\n3\n', '\n9999999999999999\n'),
      text.replace(root, root.slice(4)),
      text.replace('time ', 'at '),
      text.replace('+00:00', ''),
      text.replace('\n3', '\n\n3'),
      text.slice(0, -1),
    ])
      expect(() => parseCheckpoint(wrong), wrong).toThrow(NoteError);
  });
});
