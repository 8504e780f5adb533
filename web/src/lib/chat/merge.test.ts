import { describe, expect, test } from 'vitest';
import type { Message, RoomUpdate } from '$lib/api/types';
import { applyUpdate, putHistory } from './merge';

function reply(text: string, changes: Partial<Message> = {}): Message {
  return {
    id: 'm1',
    cards: [],
    topic_id: null,
    room_id: 'r1',
    sequence: 2,
    version: 1,
    author: { kind: 'assistant', id: 'a1', name: 'Desk', picture: null },
    text,
    status: 'streaming',
    created_at: '2026-01-05T12:00:00Z',
    ...{ reply_to: null, client_id: null, activity: '', answer: null },
    ...{
      revision: 0,
      edited_at: null,
      quote: null,
      mentions: [],
      reactions: [],
      files: [],
      previews: [],
      pin: null,
      removal: null,
      stopped_by: null,
    },
    ...changes,
  };
}

const delta = (at: number, text: string, version = 1): RoomUpdate => ({
  kind: 'delta',
  message_id: 'm1',
  version,
  at,
  text,
});

describe('what is done to a message that is complete', () => {
  const done = (revision: number): Message => reply('The RSI', { status: 'complete', revision, edited_at: null });

  test('only goes forward', () => {
    expect(applyUpdate([done(2)], { kind: 'message', message: done(1) }).outcome).toBe('same');
    expect(applyUpdate([done(2)], { kind: 'message', message: done(3) }).messages[0]?.revision).toBe(3);
  });
});

function play(start: Message[], updates: RoomUpdate[]): Message[] {
  return updates.reduce((messages, update) => applyUpdate(messages, update).messages, start);
}

describe('deltas', () => {
  test('continue the text', () => {
    expect(play([reply('')], [delta(0, 'The '), delta(4, 'RSI')])[0]?.text).toBe('The RSI');
  });

  test('that came already change nothing', () => {
    const merged = applyUpdate([reply('The RSI')], delta(0, 'The '));
    expect(merged.outcome).toBe('same');
    expect(merged.messages[0]?.text).toBe('The RSI');
  });

  test('that overlap add only what is new', () => {
    expect(play([reply('The R')], [delta(4, 'RSI is')])[0]?.text).toBe('The RSI is');
  });

  test('count code points', () => {
    expect(play([reply('📈 up')], [delta(4, ' 📉'), delta(6, ' down')])[0]?.text).toBe('📈 up 📉 down');
    expect(play([reply('📈📈')], [delta(1, '📈!')])[0]?.text).toBe('📈📈!');
  });

  test('after a gap ask for the history', () => {
    expect(applyUpdate([reply('The')], delta(9, 'x')).outcome).toBe('reload');
    expect(applyUpdate([], delta(0, 'x')).outcome).toBe('reload');
  });

  test('of an older version, or after the end, are dropped', () => {
    expect(applyUpdate([reply('new', { version: 2 })], delta(3, 'x')).outcome).toBe('same');
    expect(applyUpdate([reply('done', { status: 'complete' })], delta(4, 'x')).outcome).toBe('same');
  });

  test('of a version that is not known yet ask for the history', () => {
    expect(applyUpdate([reply('old')], delta(0, 'x', 2)).outcome).toBe('reload');
  });

  test('in any repetition give the same text', () => {
    const text = 'AAPL rose 📈 by 41.6% 🎉 this year.';
    const points = Array.from(text);
    const updates = points.map((point, index) => delta(index, point));
    const repeated = updates.flatMap((update, index) => [update, ...updates.slice(Math.max(0, index - 3), index + 1)]);
    expect(play([reply('')], repeated)[0]?.text).toBe(text);
  });
});

describe('whole messages', () => {
  test('stand in order of their sequence', () => {
    const question = reply('q', { id: 'm0', sequence: 1, status: 'posted' });
    expect(play([reply('a')], [{ kind: 'message', message: question }]).map((message) => message.id)).toEqual([
      'm0',
      'm1',
    ]);
  });

  test('a retry begins anew', () => {
    const again = reply('', { version: 2 });
    const messages = play([reply('old', { status: 'stopped' })], [{ kind: 'message', message: again }]);
    expect(messages[0]).toEqual(again);
  });

  test('an erased one does not get its text back', () => {
    const erased = reply('', { version: 2, status: 'erased' });
    const before = reply('my secret', { status: 'complete' });
    expect(play([before], [{ kind: 'message', message: erased }])[0]).toEqual(erased);
    expect(putHistory([erased], [before])[0]).toEqual(erased);
    expect(play([erased], [{ kind: 'message', message: before }, delta(0, 'my secret')])[0]).toEqual(erased);
  });

  test('an older state does not come back', () => {
    const ended = reply('all of it', { status: 'complete' });
    expect(play([ended], [{ kind: 'message', message: reply('all') }])[0]).toEqual(ended);
    expect(putHistory([reply('longer text')], [reply('long')])[0]?.text).toBe('longer text');
  });
});

test('activity shows only while the same version streams', () => {
  const update: RoomUpdate = { kind: 'activity', message_id: 'm1', version: 1, text: 'Computing RSI' };
  expect(applyUpdate([reply('')], update).messages[0]?.activity).toBe('Computing RSI');
  expect(applyUpdate([reply('x', { status: 'complete' })], update).outcome).toBe('same');
  expect(applyUpdate([reply('x', { version: 2 })], update).outcome).toBe('same');
});
