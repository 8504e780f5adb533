/** What became of imports and their files, in words. */
import type { Import, ImportedFile } from '$lib/api/types';
import { formatDate } from '$lib/format/number';

const count = (value: number, one: string): string =>
  `${value.toLocaleString('en-US')} ${one}${value === 1 ? '' : 's'}`;

/** What a file has: its series with their spans, and its splits and dividends. */
export function contents(file: ImportedFile): string[] {
  const said = file.series.map(
    (one) =>
      `${count(one.count, 'bar')} of ${one.symbol} at ${one.timeframe}, ${formatDate(one.first)} – ${formatDate(one.last)}`,
  );
  if (file.actions > 0) said.push(file.actions === 1 ? '1 split or dividend' : `${file.actions} splits and dividends`);
  return said;
}

/** A sentence without the parts that are for the command line or for programs. */
export function plain(text: string): string {
  return text
    .replace(/;? ?--skip-bad-rows[^.]*\./, '.')
    .replace(/; (--[a-z-]+ changes that|PATCH .*)$/, '')
    .replace(/ (with|by) --[a-z-]+( [a-z]+)?( or --[a-z-]+( [a-z]+)?)?/g, '');
}

/** What happened to a file, or what would. */
export function outcome(file: ImportedFile): string {
  if (file.status === 'refused') return plain(file.problem);
  const changed = count(file.changed, 'bar');
  return file.status === 'checked' ? `${changed} would be new or changed` : `${changed} new or changed`;
}

/** What a person is asked where a file lacks something; null where only the file itself can be another. */
export function question(field: string): string | null {
  return (
    {
      zone: 'In which time zone are the times of these files?',
      symbol: 'Which instrument are these bars of?',
      timeframe: 'How long is a bar?',
      date_format: 'Does the day or the month come first?',
      skip_bad_rows: 'Some rows cannot be used. Import the others?',
    }[field] ?? null
  );
}

/** What to ask of files that were tried together. A name is of one file: it would be given to all of them. */
export function questions(files: readonly ImportedFile[]): string[] {
  const asked = [...new Set(files.map((file) => file.field))].filter((field) => question(field) !== null);
  return files.length > 1 ? asked.filter((field) => field !== 'symbol') : asked;
}

/** What has to be done about files that must come alone; empty where there are none. */
export function alone(files: readonly ImportedFile[]): string {
  const nameless = files.length > 1 ? files.filter((file) => file.field === 'symbol').length : 0;
  if (nameless === 0) return '';
  return `${count(nameless, 'file')} ${nameless === 1 ? 'does' : 'do'} not say of which instrument. Choose each alone, and its symbol is asked for.`;
}

export function summary(run: Import): string {
  if (run.status === 'waiting') return 'waits';
  if (run.status === 'running') return `runs, ${Math.round(100 * run.fraction)} %`;
  if (run.status === 'interrupted') return 'cut short by a restart; the same files again complete it';
  if (run.status === 'failed') return run.problem;
  const refused = run.files.filter((file) => file.status === 'refused').length;
  const changed = run.files.reduce((sum, file) => sum + file.changed, 0);
  const said = `${count(changed, 'bar')} ${run.dry_run ? 'would be ' : ''}new or changed`;
  return refused > 0 ? `${said}, ${count(refused, 'file')} refused` : said;
}
