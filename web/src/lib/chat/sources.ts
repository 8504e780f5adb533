/** A tool's result laid out as tables, every value with the JSON pointer that leads to it. */

export interface Cell {
  pointer: string;
  value: unknown;
}

export interface Fields {
  kind: 'fields';
  title: string;
  rows: { label: string; cell: Cell }[];
}

export interface Table {
  kind: 'table';
  title: string;
  columns: string[];
  rows: Cell[][];
}

export type Block = Fields | Table;

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

function escapePointer(key: string): string {
  return key.replace(/~/g, '~0').replace(/\//g, '~1');
}

function humanise(key: string): string {
  const words = key.replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Object of equally long lists, such as {time: [...], close: [...]}: one table with those columns. */
function columnLists(value: Json): string[] {
  const keys = Object.keys(value).filter((key) => {
    const list = value[key];
    return Array.isArray(list) && list.length > 1 && list.every(isScalar);
  });
  const length = (value[keys[0] ?? ''] as unknown[] | undefined)?.length;
  const same = keys.filter((key) => (value[key] as unknown[]).length === length);
  return same.length > 1 ? same : [];
}

function tableOfColumns(value: Json, keys: string[], pointer: string, title: string): Table {
  const length = (value[keys[0] as string] as unknown[]).length;
  const rows = Array.from({ length }, (_, index) =>
    keys.map((key) => ({
      pointer: `${pointer}/${escapePointer(key)}/${index}`,
      value: (value[key] as unknown[])[index],
    })),
  );
  return { kind: 'table', title, columns: keys.map(humanise), rows };
}

function tableOfObjects(list: Json[], pointer: string, title: string): Table {
  const keys = [...new Set(list.flatMap((row) => Object.keys(row)))].filter((key) =>
    list.every((row) => isScalar(row[key] ?? null)),
  );
  const rows = list.map((row, index) =>
    keys.map((key) => ({ pointer: `${pointer}/${index}/${escapePointer(key)}`, value: row[key] ?? null })),
  );
  return { kind: 'table', title, columns: keys.map(humanise), rows };
}

function layOutList(list: unknown[], pointer: string, title: string): Block[] {
  if (list.length === 0) return [];
  if (list.every(isScalar)) {
    const rows = list.map((value, index) => [{ pointer: `${pointer}/${index}`, value }]);
    return [{ kind: 'table', title, columns: ['Value'], rows }];
  }
  if (list.every(isObject)) {
    const blocks: Block[] = [tableOfObjects(list, pointer, title)];
    list.forEach((row, index) => {
      for (const [key, value] of Object.entries(row)) {
        if (isScalar(value)) continue;
        const label = `${title || 'Row'} ${index + 1}: ${humanise(key)}`;
        blocks.push(...layOut(value, `${pointer}/${index}/${escapePointer(key)}`, label));
      }
    });
    return blocks.filter((block) => block.kind === 'fields' || block.columns.length > 0);
  }
  return list.flatMap((value, index) => layOut(value, `${pointer}/${index}`, `${title} ${index + 1}`.trim()));
}

/** Lay a JSON value out as blocks; `pointer` is where it stands. */
export function layOut(value: unknown, pointer = '', title = ''): Block[] {
  if (Array.isArray(value)) return layOutList(value, pointer, title);
  if (!isObject(value))
    return [{ kind: 'fields', title, rows: [{ label: title || 'Value', cell: { pointer, value } }] }];
  const columns = columnLists(value);
  const scalars = Object.keys(value).filter((key) => isScalar(value[key]));
  const blocks: Block[] = [];
  if (scalars.length > 0) {
    const rows = scalars.map((key) => ({
      label: humanise(key),
      cell: { pointer: `${pointer}/${escapePointer(key)}`, value: value[key] },
    }));
    blocks.push({ kind: 'fields', title, rows });
  }
  if (columns.length > 0) blocks.push(tableOfColumns(value, columns, pointer, title));
  for (const [key, inner] of Object.entries(value)) {
    if (isScalar(inner) || columns.includes(key)) continue;
    blocks.push(...layOut(inner, `${pointer}/${escapePointer(key)}`, humanise(key)));
  }
  return blocks;
}

export const ARGUMENTS = '#/arguments';

/** Split a figure's path: does it point into the arguments or the result, and where. */
export function readPath(path: string | null | undefined): { inArguments: boolean; pointer: string } | null {
  if (path === null || path === undefined) return null;
  if (path.startsWith(ARGUMENTS)) return { inArguments: true, pointer: path.slice(ARGUMENTS.length) };
  return { inArguments: false, pointer: path.replace(/^#/, '') };
}

/** The value that a JSON pointer (RFC 6901) leads to; undefined when there is none. */
export function resolve(root: unknown, pointer: string): unknown {
  if (pointer === '') return root;
  let value: unknown = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replace(/~1/g, '/').replace(/~0/g, '~');
    if (Array.isArray(value)) value = /^\d+$/.test(key) ? value[Number(key)] : undefined;
    else if (isObject(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return value;
}
