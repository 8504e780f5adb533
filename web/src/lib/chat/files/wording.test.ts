import { expect, test } from 'vitest';
import type { MessageFile } from '$lib/api/types';
import { warningOf, wordsOf } from './wording';

const FILE = { name: 'a.png', kind: 'image', cleaned: true, disguised: false } as MessageFile;

test('a message of files alone is called by them', () => {
  expect(wordsOf({ text: 'See', files: [FILE] })).toBe('See');
  expect(wordsOf({ text: '', files: [FILE, { ...FILE, name: 'b.pdf' }] })).toBe('a.png, b.pdf');
});

test.each<[Partial<MessageFile>, string]>([
  [{}, ''],
  [{ disguised: true }, 'Not what its name says'],
  [{ kind: 'program' }, 'A program'],
  [{ kind: 'video', cleaned: false }, 'May say where it was taken'],
  [{ cleaned: false }, 'May say where it was taken'],
  [{ kind: 'document', cleaned: false }, ''],
])('%j', (changes, words) => {
  expect(warningOf({ ...FILE, ...changes })).toBe(words);
});
