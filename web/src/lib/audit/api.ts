/** What the pages of the audit log ask of the server, under short names. */
import { api, call } from '$lib/api/client';
import type { AuditEntry, SignedCheckpoint } from '$lib/api/types';
import type { Query } from './filter';

export interface Listed<T> {
  items: T[];
  next_cursor?: string | null;
}

/** From `start` and before `end`. */
export interface Period {
  start: string;
  end: string;
}

const LIMIT = 50;

const of = (entry: number | string) => ({ path: { entry: String(entry) } });

export const audit = {
  entries: (query: Query, cursor: string | null = null, limit = LIMIT): Promise<Listed<AuditEntry>> =>
    call(api.GET('/api/v1/audit/entries', { params: { query: { ...query, limit, ...(cursor ? { cursor } : {}) } } })),
  entry: (entry: number | string) => call(api.GET('/api/v1/audit/entries/{entry}', { params: of(entry) })),
  proof: (entry: number | string) => call(api.GET('/api/v1/audit/entries/{entry}/proof', { params: of(entry) })),
  record: (type: string, id: string, at?: string) =>
    call(
      api.GET('/api/v1/audit/records/{object_type}/{object_id}', {
        params: { path: { object_type: type, object_id: id || '-' }, query: at ? { at } : {} },
      }),
    ),
  growth: (old: number, size: number) =>
    call(api.GET('/api/v1/audit/consistency', { params: { query: { old, new: size } } })),
  checkpoints: (cursor: string | null = null): Promise<Listed<SignedCheckpoint>> =>
    call(api.GET('/api/v1/audit/checkpoints', { params: { query: { limit: LIMIT, ...(cursor ? { cursor } : {}) } } })),
  latest: () => call(api.GET('/api/v1/audit/checkpoints/latest')),
  report: (period: Period) => call(api.GET('/api/v1/audit/report', { params: { query: period } })),
  reportAsCsv: async (period: Period) =>
    (await call(
      api.GET('/api/v1/audit/report.csv', { params: { query: period }, parseAs: 'blob' }),
    )) as unknown as Blob,
  reportAsPdf: async (period: Period) =>
    (await call(
      api.GET('/api/v1/audit/report.pdf', { params: { query: period }, parseAs: 'blob' }),
    )) as unknown as Blob,
  key: () => call(api.GET('/api/v1/audit/key')),
};

/** Fetch the log as a zip; `told` hears how many bytes have come, for nobody knows before how many it will be. */
export async function exportLog(told: (bytes: number) => void): Promise<Blob> {
  const stream = await call(api.GET('/api/v1/audit/export', { parseAs: 'stream' }));
  const reader = (stream as unknown as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    bytes += next.value.length;
    told(bytes);
  }
  return new Blob(parts, { type: 'application/zip' });
}
