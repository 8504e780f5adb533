import { describe, expect, test } from 'vitest';
import type { Member, Mention, Message } from '$lib/api/types';
import { renderMarkdown } from './markdown';
import { asksDesk, findNames, namedBefore, namedIn, outsiders, outsidersIn } from './mentioning';
import { describeGone } from './removed';

const member = (id: string, name: string): Member => ({
  author: { kind: 'person', id, name, picture: null },
  role: 'member',
  joined_at: '2026-01-05T12:00:00Z',
  silence: null,
});

const mention = (text: string, part: string, more: Partial<Mention>): Mention => {
  const start = Array.from(text.slice(0, text.indexOf(part))).length;
  return {
    kind: 'person',
    start,
    end: start + Array.from(part).length,
    person_id: null,
    name: '',
    symbol: '',
    ...more,
  };
};

test('who is named and not in the room is told apart, until they are in it', () => {
  const found = (id: string, name: string, present: boolean) => ({ ...member(id, name), email: '', present });
  const offered = outsiders([found('2', 'Bob Byron', true), found('3', 'Eve Else', false)]);
  expect(offered.map(({ insert, detail }) => [insert, detail])).toEqual([['@Eve Else', 'not in this room']]);
  const chosen = [...findNames([member('2', 'Bob Byron')], 'bob'), ...offered, ...offered];
  expect(outsidersIn(chosen, [member('2', 'Bob Byron')])).toEqual([{ id: '3', name: 'Eve Else' }]);
  expect(outsidersIn(chosen, [member('3', 'Eve Else')])).toEqual([]);
  expect(namedIn(offered)).toEqual([{ label: '@Eve Else', person_id: '3' }]);
});

describe('completing a name', () => {
  const members = [member('1', 'Ada Lovelace'), member('2', 'Bob Byron')];

  test('finds people by any word of their name, and the groups', () => {
    expect(findNames(members, 'lov').map((each) => each.insert)).toEqual(['@Ada Lovelace']);
    expect(findNames(members, '').map((each) => each.insert)).toEqual([
      '@Ada Lovelace',
      '@Bob Byron',
      '@here',
      '@desk',
    ]);
  });

  test('says whether the AI is there to be asked', () => {
    const desk = member('3', 'Desk');
    const there: Member = { ...desk, author: { ...desk.author, kind: 'assistant' } };
    expect(findNames([...members, there], 'de').map((each) => each.detail)).toEqual(['ask the AI']);
    expect(findNames(members, 'de')[0]?.detail).toContain('not in this room');
  });

  test('tells whom the words mean', () => {
    expect(namedIn(findNames(members, ''))).toEqual([
      { label: '@Ada Lovelace', person_id: '1' },
      { label: '@Bob Byron', person_id: '2' },
    ]);
    const text = '💥 @Ada: now';
    const before = [mention(text, '@Ada', { person_id: '1' }), mention(text, 'now', { kind: 'symbol' })];
    expect(namedBefore(text, before)).toEqual([{ label: '@Ada', person_id: '1' }]);
  });
});

describe('showing a mention', () => {
  const show = (text: string, mentions: Mention[]): HTMLElement => {
    const host = document.createElement('div');
    host.append(renderMarkdown(text, [], true, mentions, 'me'));
    return host;
  };

  test('by the name of now, and as text whatever the name is', () => {
    const text = '📈 **@Ada** and @here: $AAPL';
    const host = show(text, [
      mention(text, '@Ada', { person_id: 'me', name: '<img src=x onerror=alert(1)>' }),
      mention(text, '@here', { kind: 'here' }),
      mention(text, '$AAPL', { kind: 'symbol', symbol: 'AAPL' }),
    ]);
    expect(host.querySelector('strong .mention.me')?.textContent).toBe('@<img src=x onerror=alert(1)>');
    expect(host.querySelector('img')).toBeNull();
    expect(host.querySelectorAll('.mention')[1]?.textContent).toBe('@here');
    expect(host.querySelector('a.ticker')?.getAttribute('href')).toBe('/chart/AAPL');
  });

  test('that lies outside of the text changes nothing', () => {
    const host = show('short', [mention('short', 'short', { start: 3, end: 90, name: 'x' })]);
    expect(host.textContent?.trim()).toBe('short');
  });
});

test('words ask the AI where they name it alone, or give its command', () => {
  for (const text of ['@desk', 'so, @Desk: RSI?', '(@desk)', '/summarise', '/Summarise the last day']) {
    expect(asksDesk(text), text).toBe(true);
  }
  for (const text of ['', 'desk', 'mail@desk.example', '@desks', '@desk@x', 'a /summarise', '/summarised', './@desk']) {
    expect(asksDesk(text), text).toBe(false);
  }
});

test('a tombstone says who removed a message, and why', () => {
  const by = { kind: 'person' as const, id: '1', name: 'Ada', picture: null };
  const message = {
    author: { ...by, id: '2', name: 'Bob' },
    status: 'removed',
    removal: { by, at: '', reason: 'spam' },
  } as unknown as Message;
  expect(describeGone(message, '2')).toBe('Ada removed this message as a moderator. Reason: spam');
  expect(describeGone({ ...message, removal: null }, '2')).toBe('This message was erased.');
  expect(describeGone({ ...message, author: by }, '1')).toBe('You removed this message. Reason: spam');
});
