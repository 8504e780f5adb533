import { describe, expect, it } from 'vitest';
import { chips, readFilter, toQuery, withFilter } from './filter';
import { dayOf, midnight } from './period';
import { ADA } from './samples';

const read = (address: string) => readFilter(new URLSearchParams(address));
const NOW = Date.parse('2026-11-25T12:00:00Z');

describe('the address', () => {
  it('keeps what was chosen, and nothing of the entry that was open', () => {
    const filter = read(`?by=${ADA}&act=auth.sign&entry=3`);
    expect(withFilter(filter, { outcome: 'failed' })).toBe(`?by=${ADA}&act=auth.sign&outcome=failed`);
    expect(withFilter(filter, { by: '', act: '' })).toBe('?');
    expect(read(withFilter(read('?id=a%26b%3Dc'), {})).id).toBe('a&b=c');
  });

  it('with what the server would refuse in it is read without that', () => {
    const filter = read('?period=9d&from=now&to=2026-1-1&by=ada&about=%00&act=AUTH&type=a-b&id=%00&outcome=maybe');
    expect(toQuery(filter, NOW, 'UTC')).toEqual({});
  });
});

describe('what is asked', () => {
  it('is of a period', () => {
    expect(toQuery(read('?period=24h'), NOW, 'UTC')).toEqual({ start: '2026-11-24T12:00:00.000Z' });
    expect(toQuery(read('?from=2026-11-01&to=2026-11-02'), NOW, 'America/New_York')).toEqual({
      start: '2026-11-01T04:00:00.000Z', // summer time still: it ends that night
      end: '2026-11-03T05:00:00.000Z',
    });
  });

  it('is told in chips that take it away', () => {
    const found = chips(
      read(`?period=7d&by=${ADA}&act=chat.`),
      () => 'Ada',
      () => 'Rooms',
    );
    expect(found.map((chip) => chip.name)).toEqual(['The last 7 days', 'Done by Ada', 'Rooms']);
    expect(found[1]?.without).toEqual({ by: '' });
  });
});

describe('a day', () => {
  it('begins at midnight where the person is', () => {
    expect(midnight('2026-11-25', 'Asia/Tokyo')).toBe('2026-11-24T15:00:00.000Z');
    expect(midnight('2026-11-25', 'Asia/Kolkata', 1)).toBe('2026-11-25T18:30:00.000Z');
    expect(midnight('', 'UTC')).toBe('');
    expect(midnight('2026-13-77', 'UTC')).toBe('');
    expect(dayOf(Date.parse('2026-11-24T23:30:00Z'), 'Asia/Tokyo')).toBe('2026-11-25');
    expect(() => midnight('2026-11-25', 'No/Where')).not.toThrow();
  });
});
