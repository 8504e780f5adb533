/** Entries for tests. */
import type { AuditEntry } from '$lib/api/types';

export const ADA = '0190aaaa-0000-7000-8000-00000000000a';
export const BEN = '0190aaaa-0000-7000-8000-00000000000b';

export function makeEntry(changes: Partial<AuditEntry> = {}, sealed: Record<string, string> = {}): AuditEntry {
  const entry: AuditEntry = {
    index: 7,
    id: '0190aaaa-0000-7000-8000-000000000001',
    time: '2026-11-25T10:00:00.123456Z',
    actor_id: ADA,
    act: 'auth.member_role',
    object_type: 'member',
    object_id: BEN,
    person_id: BEN,
    outcome: 'done',
    request_id: '0190aaaa-0000-7000-8000-000000000002',
    trace: '',
    address: '127.0.0.1',
    before: { role: 'member' },
    after: { role: 'admin' },
    opened: {},
    erased: false,
    leaf: '',
    kept: 'here',
    ...changes,
  };
  return { ...entry, leaf: changes.leaf ?? leafOf(entry, sealed) };
}

function leafOf(entry: AuditEntry, sealed: Record<string, string>): string {
  return JSON.stringify({
    act: entry.act,
    actor: entry.actor_id,
    address: { of: entry.actor_id, sealed: 'AAAA' },
    after: entry.after,
    before: entry.before,
    id: entry.id,
    index: entry.index,
    object: { id: entry.object_id, type: entry.object_type },
    outcome: entry.outcome,
    person: entry.person_id,
    request: entry.request_id,
    sealed,
    tenant: '0190aaaa-0000-7000-8000-00000000000f',
    time: '2026-11-25T10:00:00.123456+00:00',
    trace: entry.trace,
    v: 1,
  });
}
