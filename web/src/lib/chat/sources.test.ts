import { describe, expect, test } from 'vitest';
import { layOut, readPath, resolve, type Block } from './sources';

const result = {
  symbol: 'AAPL',
  value: 62.4,
  rows: [
    { date: '2017-08-31', close: 164.0, value: 62.4 },
    { date: '2017-09-01', close: 164.05, value: 62.5 },
  ],
  parameters: { period: 14 },
  'odd/key~': 1,
};

function pointers(blocks: Block[]): string[] {
  return blocks.flatMap((block) =>
    block.kind === 'fields'
      ? block.rows.map((row) => row.cell.pointer)
      : block.rows.flatMap((row) => row.map((cell) => cell.pointer)),
  );
}

describe('a result', () => {
  test('becomes fields and tables', () => {
    const blocks = layOut(result);
    expect(blocks.map((block) => [block.kind, block.title])).toEqual([
      ['fields', ''],
      ['table', 'Rows'],
      ['fields', 'Parameters'],
    ]);
    const table = blocks[1];
    expect(table?.kind === 'table' && table.columns).toEqual(['Date', 'Close', 'Value']);
  });

  test('of columns becomes one table', () => {
    const blocks = layOut({ time: [1, 2], close: [3, 4], note: 'x' });
    expect(blocks.map((block) => block.kind)).toEqual(['fields', 'table']);
    expect(pointers(blocks)).toEqual(['/note', '/time/0', '/close/0', '/time/1', '/close/1']);
  });

  test.each([
    ['nested', { a: { b: [{ c: 1, d: { e: 2 } }] }, list: [1, 2] }],
    ['flat', result],
    ['empty', { a: [], b: {} }],
    ['a list', [1, { a: 2 }, [3]]],
  ])('keeps every value reachable: %s', (_name, value) => {
    for (const block of layOut(value)) {
      const cells = block.kind === 'fields' ? block.rows.map((row) => row.cell) : block.rows.flat();
      for (const cell of cells) expect(resolve(value, cell.pointer)).toEqual(cell.value);
    }
  });
});

test('pointers follow RFC 6901 and reach nothing inherited', () => {
  expect(resolve(result, '/rows/1/close')).toBe(164.05);
  expect(resolve(result, '/odd~1key~0')).toBe(1);
  expect(resolve(result, '/rows/7/close')).toBeUndefined();
  expect(resolve(result, '/constructor/name')).toBeUndefined();
  expect(resolve(result, '')).toBe(result);
});

test('a path says whether it points into the arguments', () => {
  expect(readPath('/value')).toEqual({ inArguments: false, pointer: '/value' });
  expect(readPath('#/arguments/period')).toEqual({ inArguments: true, pointer: '/period' });
  expect(readPath(null)).toBeNull();
});
