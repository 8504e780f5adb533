import { describe, expect, it } from 'vitest';
import { toProblem } from '$lib/api/problem';
import { Challenge } from './challenge.svelte';

const shown = { provider: 'turnstile', site_key: 'key', script: 'https://c.example/api.js?render=explicit' };

describe('a challenge', () => {
  it('is shown when the server asks, and what was solved goes along once', async () => {
    const challenge = new Challenge();
    const sent: string[] = [];
    const refuse = (code: string) => (solved: string) => {
      sent.push(solved);
      return Promise.reject(toProblem(403, { code, challenge: shown }));
    };
    await expect(challenge.guard(refuse('challenge_required'))).rejects.toThrow();
    expect(challenge.asked).toEqual(shown);
    expect(challenge.refused).toBe(false);
    challenge.solve('solved');
    await expect(challenge.guard(refuse('challenge_failed'))).rejects.toThrow();
    expect(challenge.refused).toBe(true);
    const again = challenge.guard((solved) => Promise.resolve(sent.push(solved)));
    await expect(again).resolves.toBe(3);
    expect(sent).toEqual(['', 'solved', '']);
    expect(challenge.asked).toBeNull();
  });

  it('goes away with any other answer, and is read with care', async () => {
    const challenge = new Challenge();
    challenge.asked = shown;
    const wrong = toProblem(401, { code: 'wrong_credentials' });
    await expect(challenge.guard(() => Promise.reject(wrong))).rejects.toBe(wrong);
    expect(challenge.asked).toBeNull();
    expect(toProblem(403, { challenge: { provider: 'turnstile', site_key: 1, script: '' } }).challenge).toBeNull();
    expect(toProblem(403, { challenge: 'x' }).challenge).toBeNull();
  });
});
