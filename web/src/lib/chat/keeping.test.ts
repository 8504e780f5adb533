import { expect, it } from 'vitest';
import { describeKeeping } from './keeping';

it('says how long messages are kept, and that a hold keeps them longer', () => {
  expect(describeKeeping({ days: 0, held: false })).toBe('Messages are kept for good.');
  expect(describeKeeping({ days: 1, held: false })).toBe('Messages go after 1 day.');
  expect(describeKeeping({ days: 30, held: true })).toMatch(/^Messages go after 30 days\. A legal hold is on/);
});
