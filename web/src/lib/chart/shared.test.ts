import { expect, test } from 'vitest';
import { lookFor } from './shared';

test('a picture fills the room that it has, within what the server draws', () => {
  expect(lookFor(900.4, false)).toEqual({ theme: 'light', width: 900, height: 504 });
  expect(lookFor(100, true)).toEqual({ theme: 'dark', width: 400, height: 320 });
  expect(lookFor(9000, true).width).toBe(1400);
});
