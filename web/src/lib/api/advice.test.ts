import { expect, test } from 'vitest';
import { inWords } from './advice';

test('what the server says in detail is shown as it is', () => {
  expect(inWords('wrong_factor', 'That was not right', 'This is not your present password')).toBe(
    'This is not your present password',
  );
});

test('a bare title gets advice, where there is some', () => {
  expect(inWords('person_not_found', 'Nobody', 'Nobody')).toMatch(/Invite them/);
  expect(inWords('unheard_of', 'Nobody', '')).toBe('Nobody.');
  expect(inWords('unheard_of', '', '')).toBe('');
});
