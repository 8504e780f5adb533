import { expect, test } from 'vitest';
import { fromBytes, fromMade, fromUsed, toBytes, toCreation, toRequest } from './webauthn';

// RFC 4648, section 10, and bytes whose base64 has the two characters that differ.
test.each([
  [[], ''],
  [[0x66], 'Zg'],
  [[0x66, 0x6f], 'Zm8'],
  [[0x66, 0x6f, 0x6f], 'Zm9v'],
  [[0xfb, 0xff, 0xfe], '-__-'],
])('%j is %s and back', (bytes, text) => {
  expect(fromBytes(Uint8Array.from(bytes))).toBe(text);
  expect(Array.from(toBytes(text))).toEqual(bytes);
});

test('padding is taken too, and long values survive', () => {
  expect(Array.from(toBytes('Zg=='))).toEqual([0x66]);
  const long = crypto.getRandomValues(new Uint8Array(5000));
  expect(toBytes(fromBytes(long))).toEqual(long);
});

test('options for making keep what is no bytes', () => {
  const options = toCreation({
    challenge: 'AQI',
    rp: { id: 'localhost', name: 'Outcry' },
    user: { id: 'Aw', name: 'ann@example.com', displayName: 'Ann' },
    pubKeyCredParams: [{ type: 'public-key', alg: -8 }],
    excludeCredentials: [{ type: 'public-key', id: 'BA', transports: ['internal'] }],
    authenticatorSelection: { residentKey: 'required' },
  });
  expect(options.challenge).toEqual(Uint8Array.of(1, 2));
  expect(options.user).toEqual({ id: Uint8Array.of(3), name: 'ann@example.com', displayName: 'Ann' });
  expect(options.excludeCredentials).toEqual([{ type: 'public-key', id: Uint8Array.of(4), transports: ['internal'] }]);
  expect(options.rp.id).toBe('localhost');
  expect(options.authenticatorSelection?.residentKey).toBe('required');
});

test('options for showing may name no passkey at all', () => {
  const options = toRequest({ challenge: 'AQI', rpId: 'localhost', userVerification: 'required' });
  expect(options.challenge).toEqual(Uint8Array.of(1, 2));
  expect(options.allowCredentials).toEqual([]);
  expect(options.rpId).toBe('localhost');
});

function credential(response: object): PublicKeyCredential {
  return {
    id: 'BQY',
    rawId: Uint8Array.of(5, 6).buffer,
    type: 'public-key',
    response,
  } as unknown as PublicKeyCredential;
}

test('a credential that was made', () => {
  const made = credential({
    clientDataJSON: Uint8Array.of(1).buffer,
    attestationObject: Uint8Array.of(2).buffer,
    getTransports: () => ['usb'],
  });
  expect(fromMade(made)).toEqual({
    id: 'BQY',
    rawId: 'BQY',
    type: 'public-key',
    response: { clientDataJSON: 'AQ', attestationObject: 'Ag', transports: ['usb'] },
  });
});

test('a credential that was used, with and without the handle of its person', () => {
  const parts = {
    clientDataJSON: Uint8Array.of(1).buffer,
    authenticatorData: Uint8Array.of(2).buffer,
    signature: Uint8Array.of(3).buffer,
  };
  const shown = { clientDataJSON: 'AQ', authenticatorData: 'Ag', signature: 'Aw' };
  expect(fromUsed(credential({ ...parts, userHandle: null })).response).toEqual(shown);
  const handled = fromUsed(credential({ ...parts, userHandle: Uint8Array.of(4).buffer }));
  expect(handled.response).toEqual({ ...shown, userHandle: 'BA' });
});
