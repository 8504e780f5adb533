import { beforeEach, expect, test } from 'vitest';
import { takeFragment, takeToken } from './fragment';

beforeEach(() => history.replaceState(null, '', '/recover?next=%2Fc'));

test('a token is taken once and leaves the address', () => {
  history.replaceState({ kept: true }, '', '/recover?next=%2Fc#a%2Bb_c-d');
  expect(takeToken()).toBe('a+b_c-d');
  expect(location.href).not.toContain('#');
  expect(location.pathname + location.search).toBe('/recover?next=%2Fc');
  expect(history.state).toEqual({ kept: true });
  expect(takeToken()).toBe('');
});

test('what is no token is none', () => {
  expect(takeFragment()).toBe('');
  history.replaceState(null, '', '/recover#%E0%A4');
  expect(takeToken()).toBe('');
});
