/** Passphrases from the browser's own random source: six pronounceable groups, about 80 bits. */

const ONSETS = ['b', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z'];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ai', 'ou', 'ea'];

/** A number from 0 to below `count`, each as likely as the others (`count` divides 2^32 for our lists). */
function pick(count: number): number {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return value % count;
}

function syllable(): string {
  return `${ONSETS[pick(ONSETS.length)]}${VOWELS[pick(VOWELS.length)]}`;
}

/** Each group is two syllables: 14 bits. */
export function makePassphrase(groups = 6): string {
  return Array.from({ length: groups }, () => syllable() + syllable()).join('-');
}
