import { afterEach, expect, test, vi } from 'vitest';
import { canPasskey } from './passkeys';

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['localhost', true],
  ['desk.example.com', true],
  ['127.0.0.1', false],
  ['[::1]', false],
])('at %s: %s', (host, possible) => {
  vi.stubGlobal('PublicKeyCredential', class {});
  vi.stubGlobal('isSecureContext', true);
  expect(canPasskey(host)).toBe(possible);
});

test('not where the browser does not know them, nor over plain HTTP', () => {
  vi.stubGlobal('isSecureContext', true);
  expect(canPasskey('localhost')).toBe(false);
  vi.stubGlobal('PublicKeyCredential', class {});
  vi.stubGlobal('isSecureContext', false);
  expect(canPasskey('desk.example.com')).toBe(false);
});
