import { describe, expect, it } from 'vitest';
import type { Import, ImportedFile } from '$lib/api/types';
import { queryOf, NOTHING_SAID } from './upload';
import { alone, contents, outcome, plain, question, questions, summary } from './words';

const FILE: ImportedFile = {
  name: 'AAPL.csv',
  status: 'imported',
  problem: '',
  field: '',
  rows: 2,
  changed: 1,
  actions: 0,
  series: [{ symbol: 'AAPL', timeframe: '1d', first: '2017-08-31T00:00:00Z', last: '2017-09-01T00:00:00Z', count: 2 }],
  bad_rows: [],
  bad_row_count: 0,
  row_word: 'line',
  ignored_columns: [],
  notes: [],
};

const RUN: Import = {
  id: '1',
  person_id: '2',
  status: 'done',
  dry_run: false,
  created_at: '2026-01-01T00:00:00Z',
  finished_at: '2026-01-01T00:00:01Z',
  stage: '',
  file: 0,
  fraction: 1,
  file_count: 2,
  problem: '',
  files: [FILE, { ...FILE, status: 'refused', changed: 0 }],
};

describe('imports in words', () => {
  it('says what a file holds', () => {
    expect(contents(FILE)).toEqual([expect.stringContaining('2 bars of AAPL at 1d')]);
    expect(contents({ ...FILE, series: [], actions: 3 })).toEqual(['3 splits and dividends']);
  });

  it('says what happened, and what would', () => {
    expect(outcome(FILE)).toBe('1 bar new or changed');
    expect(outcome({ ...FILE, status: 'checked', changed: 1200 })).toBe('1,200 bars would be new or changed');
    const problem = '1 of its 2 rows cannot be used. Nothing was imported; --skip-bad-rows imports the others.';
    expect(outcome({ ...FILE, status: 'refused', problem })).toBe(
      '1 of its 2 rows cannot be used. Nothing was imported.',
    );
    expect(plain('Say which it is with --timezone, such as UTC.')).toBe('Say which it is, such as UTC.');
    expect(plain('read as UTC; --timezone changes that')).toBe('read as UTC');
    expect(plain('a stock, tick 0.01; PATCH /api/v1/instruments/A changes what is wrong')).toBe('a stock, tick 0.01');
  });

  it('sums an import up', () => {
    expect(summary(RUN)).toBe('1 bar new or changed, 1 file refused');
    expect(summary({ ...RUN, status: 'running', fraction: 0.255 })).toBe('runs, 26 %');
    expect(summary({ ...RUN, status: 'failed', problem: 'No room.' })).toBe('No room.');
  });

  it('asks only for what a person can say', () => {
    expect(question('zone')).toContain('time zone');
    expect(question('')).toBeNull();
  });

  it('asks whose bars these are only of a file that is alone', () => {
    const nameless = { ...FILE, status: 'refused' as const, field: 'symbol' };
    expect(questions([nameless])).toEqual(['symbol']);
    expect(alone([nameless])).toBe('');
    expect(questions([nameless, { ...FILE, field: 'zone' }, FILE])).toEqual(['zone']);
    expect(alone([nameless, FILE])).toContain('1 file does not say');
    expect(alone([FILE, FILE])).toBe('');
  });

  it('sends what was said, and nothing else', () => {
    expect(queryOf(NOTHING_SAID, false)).toBe('');
    const said = { ...NOTHING_SAID, zone: ' America/New_York ', skip_bad_rows: true };
    expect(queryOf(said, true)).toBe('zone=America%2FNew_York&skip_bad_rows=true&dry_run=true');
  });
});
