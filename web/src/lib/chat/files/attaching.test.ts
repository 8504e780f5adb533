import { describe, expect, test, vi } from 'vitest';
import { OFFLINE, Problem } from '$lib/api/problem';
import type { MessageFile } from '$lib/api/types';
import { Attaching, MOST_FILES } from './attaching.svelte';

interface Upload {
  name: string;
  told: (share: number) => void;
  stop: AbortSignal;
  done: () => void;
  fail: (error: unknown) => void;
}

const LARGE = new Problem('A file can have 25 MB at most.', { status: 413, code: 'too_large' });

/** A composer's files, with uploads that the test ends. */
function open(wait = 1e6) {
  const uploads: Upload[] = [];
  const discard = vi.fn(() => Promise.resolve());
  const release = vi.fn();
  const attaching = new Attaching({
    upload: (file, { told, stop }) =>
      new Promise((resolve, reject) => {
        const done = (): void => resolve({ id: `id-${file.name}`, name: file.name } as MessageFile);
        uploads.push({ name: file.name, told, stop, done, fail: reject });
      }),
    discard,
    preview: (file) => `blob:${file.name}`,
    release,
    wait: () => wait,
  });
  return { attaching, uploads, discard, release };
}

function files(...names: string[]): File[] {
  return names.map((name) => new File(['x'], name));
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('files on a message', () => {
  test('go out two at a time and come along in their order', async () => {
    const { attaching, uploads, release } = open();
    attaching.add(files('a', 'b', 'c'));
    expect(uploads.map((each) => each.name)).toEqual(['a', 'b']);
    uploads[0]?.told(0.5);
    expect(attaching.items[0]?.share).toBe(0.5);
    uploads[1]?.done();
    await settled();
    expect(uploads.map((each) => each.name)).toEqual(['a', 'b', 'c']);
    expect(attaching.held).toBe(true);
    expect(attaching.take()).toEqual([]);
    expect(attaching.items).toHaveLength(3);
    uploads[2]?.done();
    uploads[0]?.done();
    await settled();
    expect(attaching.held).toBe(false);
    expect(attaching.take().map((file) => file.id)).toEqual(['id-a', 'id-b', 'id-c']);
    expect(attaching.items).toEqual([]);
    expect(release).toHaveBeenCalledTimes(3);
  });

  test('that the connection cut go again when it is back; refused ones do not', async () => {
    const { attaching, uploads } = open();
    attaching.add(files('cut', 'large'));
    uploads[0]?.fail(OFFLINE);
    uploads[1]?.fail(LARGE);
    await settled();
    expect(attaching.items.map((item) => item.state)).toEqual(['failed', 'failed']);
    expect(attaching.items[1]?.error).toBe('A file can have 25 MB at most.');
    attaching.hurry();
    expect(uploads.map((each) => each.name)).toEqual(['cut', 'large', 'cut']);
    attaching.retry(attaching.items[1]?.id ?? '');
    expect(uploads.at(-1)?.name).toBe('large');
  });

  test('that a busy server sent away go again by themselves, and not for ever', async () => {
    const { attaching, uploads } = open(0);
    attaching.add(files('a'));
    for (let tried = 1; tried <= 7; tried += 1) {
      await vi.waitFor(() => expect(uploads).toHaveLength(tried));
      uploads.at(-1)?.fail(new Problem('Come back.', { status: 503, code: 'overloaded' }));
      await settled();
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(uploads).toHaveLength(7);
    expect(attaching.items[0]).toMatchObject({ state: 'failed', error: 'Come back.' });
  });

  test('are stopped when they are removed, and let go of on the server', async () => {
    const { attaching, uploads, discard } = open();
    attaching.add(files('a', 'b', 'c'));
    attaching.remove(attaching.items[0]?.id ?? '');
    expect(uploads[0]?.stop.aborted).toBe(true);
    // The answer was on its way already.
    uploads[0]?.done();
    await settled();
    expect(discard).toHaveBeenCalledTimes(1);
    uploads[1]?.done();
    await settled();
    attaching.remove(attaching.items[0]?.id ?? '');
    expect(discard).toHaveBeenCalledTimes(2);
    expect(attaching.items.map((item) => item.file.name)).toEqual(['c']);
  });

  test('are ten at most', () => {
    const { attaching } = open();
    attaching.add(files(...'abcdefghijkl'));
    expect(attaching.items).toHaveLength(MOST_FILES);
    expect(attaching.note).toBe('A message takes 10 files at most.');
  });
});
