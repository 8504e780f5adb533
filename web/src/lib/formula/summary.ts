/** What a formula found, and what it asks for, in a few words. */
import type { FormulaCheck, FormulaResult } from '$lib/api/types';

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** "Condition · needs 200 bars · MSFT, 1w", of a text that is right. */
export function meaning(check: FormulaCheck): string {
  const own = check.needs.find((need) => need.symbol === '' && need.timeframe === null);
  const others = check.needs
    .filter((need) => need !== own)
    .map((need) => [need.symbol, need.timeframe].filter(Boolean).join(' '));
  const kind = check.kind === 'number' ? 'Number' : 'Condition';
  const parts = [kind, `needs ${count(own?.bars ?? 1, 'bar', 'bars')}`];
  if (others.length > 0) parts.push(`reads ${others.join(', ')}`);
  return parts.join(' · ');
}

/** "3 hits in 1,258 bars, holds now". */
export function found(result: FormulaResult): string {
  if (result.bars === 0) return 'No bars are recorded here.';
  const unknown = result.unknown > 0 ? `, unknown on ${result.unknown.toLocaleString('en')}` : '';
  if (result.kind === 'number') return `${count(result.bars - result.unknown, 'value', 'values')}${unknown}`;
  const holds = result.holds === true ? ', holds now' : '';
  return `${count(result.hits.length, 'hit', 'hits')} in ${count(result.bars, 'bar', 'bars')}${unknown}${holds}`;
}

/** Why a condition of several parts never held: which of them was missing. Empty where it held, or has one part. */
export function lackingOf(result: FormulaResult): string {
  const { parts } = result;
  if (parts.length === 0 || result.bars === 0) return '';
  const held = parts.map((part) => `${part.text} on ${count(part.bars, 'bar', 'bars')}`).join(', ');
  const said = `The parts never held together: ${held}.`;
  const alone = parts.filter((part) => part.others > 0);
  if (alone.length === 0) return `${said} Without any one of them, the others never held together either.`;
  const without = alone.map((part) => `${part.text} (on ${count(part.others, 'bar', 'bars')})`);
  return `${said} All the others held without ${without.join(', or without ')}.`;
}
