/** Uploads files of bars. */
import type { Import } from '$lib/api/types';
import { sendUpload, type UploadOptions } from '$lib/api/uploading';

/** What a person says about the files; what is empty is left to them. */
export interface Said {
  symbol: string;
  timeframe: string;
  zone: string;
  date_format: string;
  skip_bad_rows: boolean;
}

export const NOTHING_SAID: Said = { symbol: '', timeframe: '', zone: '', date_format: '', skip_bad_rows: false };

export function queryOf(said: Said, dryRun: boolean): string {
  const query = new URLSearchParams();
  for (const name of ['symbol', 'timeframe', 'zone', 'date_format'] as const) {
    const value = said[name].trim();
    if (value) query.set(name, value);
  }
  if (said.skip_bad_rows) query.set('skip_bad_rows', 'true');
  if (dryRun) query.set('dry_run', 'true');
  return query.toString();
}

/** Upload files; `told` hears which share of them has gone out, 0 to 1. Throws the Problem that the server described. */
export async function upload(files: File[], said: Said, options: UploadOptions & { dryRun: boolean }): Promise<Import> {
  const form = new FormData();
  for (const file of files) form.append('file', file, file.name);
  return (await sendUpload(`/api/v1/imports?${queryOf(said, options.dryRun)}`, form, options)) as Import;
}
