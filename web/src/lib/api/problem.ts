/** Errors of the server as RFC 9457 problem documents, and what a page says about them. */

import { inWords } from './advice';

export interface FieldError {
  field: string;
  message: string;
}

/** Whose widget the server wants solved, for which site, and where its script is. */
export interface ChallengeAsked {
  provider: string;
  site_key: string;
  script: string;
}

interface ProblemOptions {
  status: number;
  code: string;
  requestId?: string;
  errors?: FieldError[];
  challenge?: ChallengeAsked | null;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string;
  readonly errors: FieldError[];
  readonly challenge: ChallengeAsked | null;

  constructor(detail: string, options: ProblemOptions) {
    super(detail);
    this.name = 'Problem';
    this.status = options.status;
    this.code = options.code;
    this.requestId = options.requestId ?? '';
    this.errors = options.errors ?? [];
    this.challenge = options.challenge ?? null;
  }

  /** Whether no answer came at all: the network is away, or the server is. */
  get offline(): boolean {
    return this.status === 0;
  }

  /** The message for one field of a form; the server may name it with a path such as `body.email`. */
  field(name: string): string {
    const found = this.errors.find((error) => error.field.split('.').at(-1) === name);
    return found?.message ?? '';
  }
}

export const OFFLINE = new Problem('Outcry cannot be reached. Check the connection and try again.', {
  status: 0,
  code: 'offline',
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function toChallenge(value: unknown): ChallengeAsked | null {
  if (!isRecord(value)) return null;
  const { provider, site_key, script } = value;
  const known = typeof provider === 'string' && typeof site_key === 'string' && typeof script === 'string';
  return known ? { provider, site_key, script } : null;
}

/** Make a Problem of an error response's body, whatever it turned out to be. */
export function toProblem(status: number, body: unknown): Problem {
  const record = isRecord(body) ? body : {};
  const text = (key: string): string => (typeof record[key] === 'string' ? (record[key] as string) : '');
  const errors = Array.isArray(record.errors) ? record.errors.filter(isRecord) : [];
  const words = inWords(text('code'), text('title'), text('detail'));
  return new Problem(words || `The server answered with status ${status}.`, {
    status,
    code: text('code') || 'unknown',
    requestId: text('request_id'),
    challenge: toChallenge(record.challenge),
    errors: errors.map((error) => ({ field: String(error.field ?? ''), message: String(error.message ?? '') })),
  });
}

/** One sentence about anything that was thrown. */
export function describe(error: unknown): string {
  return error instanceof Error && error.message ? error.message : 'Something went wrong.';
}
