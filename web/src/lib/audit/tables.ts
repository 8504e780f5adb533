/** The sections of a compliance report as tables in words. */
import { ROLES } from '$lib/account/roles';
import type { ComplianceReport } from '$lib/api/types';
import { nameAct } from './acts';
import { words } from './values';

export interface Table {
  title: string;
  /** What is said where there are no rows. */
  none: string;
  columns: string[];
  rows: string[][];
}

const WAYS: Record<string, string> = { pwd: 'password', otp: 'code', hwk: 'passkey', swk: 'passkey' };

const somebody = (name: string | undefined): string => name || 'Nobody who is known';
const role = (value: string): string =>
  value.replace(/\w+/g, (each) => (each in ROLES ? (ROLES[each]?.name ?? each) : each)) || '–';
const act = (value: string): string =>
  nameAct(value) === value ? words(value.split('.').at(-1) ?? '') : nameAct(value);

function ways(found: Record<string, number>): string {
  const each = Object.entries(found).map(([methods, times]) => {
    const known = [...new Set(methods.split(' ').flatMap((method) => WAYS[method] ?? []))];
    return `${known.join(' and ') || methods} (${times})`;
  });
  return each.join(', ') || '–';
}

/** Lay out a report; `when` writes a moment. */
export function tables(report: ComplianceReport, when: (time: string) => string): Table[] {
  const at = (time: string | null): string => (time ? when(time) : '–');
  return [
    {
      title: 'Who signed in',
      none: 'Nobody signed in.',
      columns: ['Person', 'Times', 'How', 'Networks', 'New devices', 'First', 'Last'],
      rows: report.access.map((each) => [
        somebody(each.name),
        String(each.sign_ins),
        ways(each.ways),
        String(each.networks),
        String(each.devices),
        at(each.first),
        at(each.last),
      ]),
    },
    {
      title: 'Who read data of others',
      none: 'Nobody did.',
      columns: ['Person', 'What', 'Times', 'Things'],
      rows: report.reads.map((each) => [somebody(each.name), act(each.act), String(each.times), String(each.things)]),
    },
    {
      title: 'Changes of roles',
      none: 'There were none.',
      columns: ['When', 'What', 'Person', 'By', 'Before', 'After'],
      rows: report.role_changes.map((each) => [
        at(each.time),
        act(each.act),
        somebody(each.name),
        somebody(each.actor),
        role(each.before),
        role(each.after),
      ]),
    },
    {
      title: 'Roles at the end',
      none: 'The log tells of nobody.',
      columns: ['Person', 'Role', 'State', 'Since'],
      rows: report.roles.map((each) => [somebody(each.name), role(each.role), words(each.state), at(each.since)]),
    },
    {
      title: 'What was given out',
      none: 'Nothing was.',
      columns: ['When', 'What', 'By', 'Of it'],
      rows: report.exports.map((each) => [at(each.time), act(each.act), somebody(each.actor), each.what || '–']),
    },
    {
      title: 'Failures and refusals',
      none: 'There were none.',
      columns: ['Person', 'Network', 'Sign-ins', 'Confirmations', 'Refused', 'Others'],
      rows: report.failures.map((each) => [somebody(each.name), each.network || '–', ...counts(each)]),
    },
    {
      title: 'Failures by day (UTC)',
      none: 'There were none.',
      columns: ['Day', 'Sign-ins', 'Confirmations', 'Refused', 'Others'],
      rows: report.failures_by_day.map((each) => [each.day, ...counts(each)]),
    },
  ];
}

function counts(of: { sign_ins: number; step_ups: number; refusals: number; others: number }): string[] {
  return [of.sign_ins, of.step_ups, of.refusals, of.others].map(String);
}
