/** The values of an entry, in words: before and after side by side, and what stays closed for ever. */
import type { AuditEntry } from '$lib/api/types';

/** Null stands for a value that is sealed under the key of somebody who was erased. */
export type Value = string | null | undefined;

export interface Difference {
  field: string;
  before: Value;
  after: Value;
  changed: boolean;
}

type Name = (id: string) => string | undefined;

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// Which fields an entry is about: their values stand beside it.
const ABOUT = 'fields';

/** What the record had before and has after, field by field; those that differ are marked. */
export function differences(entry: AuditEntry, name: Name): Difference[] {
  const before = side(entry, 'before');
  const after = side(entry, 'after');
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((field) => field !== ABOUT);
  return fields.map((field) => ({
    field: fieldName(field, name),
    before: inWords(before[field], name),
    after: inWords(after[field], name),
    changed: field in before && field in after && before[field] !== after[field],
  }));
}

/** One side of an entry with what is sealed in it, opened where it can be. */
export function side(entry: AuditEntry, which: 'before' | 'after'): Record<string, Value> {
  const values: Record<string, Value> = { ...entry[which] };
  for (const sealed of sealedNames(entry)) {
    if (sealed.startsWith(`${which}.`)) values[sealed.slice(which.length + 1)] = entry.opened[sealed] ?? null;
  }
  return values;
}

function sealedNames(entry: AuditEntry): string[] {
  const leaf = readLeaf(entry.leaf);
  const sealed = leaf && typeof leaf.sealed === 'object' && leaf.sealed ? Object.keys(leaf.sealed) : [];
  return [...new Set([...sealed, ...Object.keys(entry.opened)])].sort();
}

/** The entry as it was hashed; null where its text is archived away. */
export function readLeaf(leaf: string): Record<string, unknown> | null {
  if (!leaf) return null;
  try {
    const value: unknown = JSON.parse(leaf);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** A field's name in words: `member:<id>` is a place of somebody. */
export function fieldName(field: string, name: Name): string {
  const [kind, ...rest] = field.split(':');
  const id = rest.join(':');
  return id ? `${words(kind ?? '')}: ${name(id) ?? id}` : words(field);
}

export function inWords(value: Value, name: Name): Value {
  return typeof value === 'string' && ID.test(value) ? (name(value) ?? value) : value;
}

export function words(text: string): string {
  const spaced = text.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
