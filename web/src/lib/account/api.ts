/** What the account and organisation pages ask of the server, under short names. */
import { api, call, sendConfirmed } from '$lib/api/client';
import { toProblem } from '$lib/api/problem';
import type { FactorKind, Me } from '$lib/api/types';
import type { Made, Used } from './passkeys';
import type { GivenRole } from './roles';

/** A step-up: a password, a code, or a passkey's answer. */
export interface ShownFactor extends Partial<Used> {
  kind: FactorKind;
  password?: string;
  code?: string;
}

async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const url = new URL(`/api/v1/auth${path}`, location.origin);
  const binary = body instanceof Blob;
  const headers: Record<string, string> =
    body === undefined ? {} : { 'Content-Type': binary ? body.type : 'application/json' };
  const content = body === undefined ? {} : { body: binary ? body : JSON.stringify(body) };
  const response = await sendConfirmed(new Request(url, { method, headers, ...content }));
  if (!response.ok) throw toProblem(response.status, await response.json().catch(() => null));
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const account = {
  recover: (email: string) => call(api.POST('/api/v1/auth/recover', { body: { email } })),
  confirmEmail: (token: string) => send<void>('POST', '/email/confirm', { token }),
  registerOptions: (form: { email: string; name: string }) =>
    send<{ ticket: string; options: Record<string, unknown> }>('POST', '/register/passkey/options', form),
  signInOptions: (ticket?: string) =>
    call(api.POST('/api/v1/auth/sign-in/passkey/options', { body: ticket ? { ticket } : {} })),
  providers: () => call(api.GET('/api/v1/auth/providers')),
  startProvider: (provider: string, next: string) =>
    call(api.POST('/api/v1/auth/oidc/{provider}/start', { params: { path: { provider } }, body: { next } })),

  changeProfile: (changes: { name?: string; time_zone?: string; locale?: string }) => send<Me>('PATCH', '/me', changes),
  setPicture: (picture: Blob) => send<Me>('PUT', '/me/picture', picture),
  dropPicture: () => send<Me>('DELETE', '/me/picture'),
  picture: async (personId: string): Promise<Blob> => {
    const url = new URL(`/api/v1/auth/people/${personId}/picture`, location.origin);
    const response = await sendConfirmed(new Request(url));
    if (!response.ok) throw toProblem(response.status, null);
    return response.blob();
  },
  changeEmail: (email: string) => send<unknown>('POST', '/me/email', { email }),
  verifyEmail: () => send<unknown>('POST', '/me/email/verify'),
  setPassword: (password: string) => call(api.PUT('/api/v1/auth/me/password', { body: { password } })),
  dropPassword: () => call(api.DELETE('/api/v1/auth/me/password')),

  factors: () => call(api.GET('/api/v1/auth/factors')),
  offerTotp: () => call(api.POST('/api/v1/auth/factors/totp')),
  confirmTotp: (ticket: string, code: string) =>
    call(api.POST('/api/v1/auth/factors/totp/confirm', { body: { ticket, code } })),
  dropTotp: () => call(api.DELETE('/api/v1/auth/factors/totp')),
  passkeyOptions: () => call(api.POST('/api/v1/auth/factors/passkeys/options')),
  addPasskey: (made: Made, name: string) =>
    call(api.POST('/api/v1/auth/factors/passkeys', { body: { ...made, name } })),
  renamePasskey: (id: string, name: string) =>
    call(
      api.PATCH('/api/v1/auth/factors/passkeys/{passkey_id}', {
        params: { path: { passkey_id: id } },
        body: { name },
      }),
    ),
  dropPasskey: (id: string) =>
    call(api.DELETE('/api/v1/auth/factors/passkeys/{passkey_id}', { params: { path: { passkey_id: id } } })),
  renewCodes: () => call(api.POST('/api/v1/auth/factors/recovery-codes')),
  dropDevice: (id: string) =>
    call(api.DELETE('/api/v1/auth/factors/devices/{device_id}', { params: { path: { device_id: id } } })),
  dropDevices: () => call(api.DELETE('/api/v1/auth/factors/devices')),
  linkIdentity: (provider: string, next: string) =>
    call(
      api.POST('/api/v1/auth/factors/identities/{provider}/start', { params: { path: { provider } }, body: { next } }),
    ),
  dropIdentity: (id: string) =>
    call(api.DELETE('/api/v1/auth/factors/identities/{identity_id}', { params: { path: { identity_id: id } } })),

  stepUp: () => call(api.GET('/api/v1/auth/step-up')),
  stepUpOptions: () => call(api.POST('/api/v1/auth/step-up/passkey/options')),
  show: (factor: ShownFactor) =>
    // The kind decides which of the others there are; the form has made sure of it.
    call(api.POST('/api/v1/auth/step-up', { body: factor as never })),

  sessions: () => call(api.GET('/api/v1/auth/sessions')),
  endSession: (id: string) =>
    call(api.DELETE('/api/v1/auth/sessions/{session_id}', { params: { path: { session_id: id } } })),
  endOthers: () => call(api.DELETE('/api/v1/auth/sessions')),
  keys: () => call(api.GET('/api/v1/auth/api-keys')),
  makeKey: (key: { name: string; scopes: string[]; expires_in_days?: number }) =>
    call(api.POST('/api/v1/auth/api-keys', { body: key })),
  revokeKey: (id: string) => call(api.DELETE('/api/v1/auth/api-keys/{key_id}', { params: { path: { key_id: id } } })),

  export: async () => (await call(api.POST('/api/v1/auth/me/export', { parseAs: 'blob' }))) as Blob,
  erase: (email: string) => call(api.POST('/api/v1/auth/me/erasure', { body: { email } })),
};

const member = (id: string) => ({ params: { path: { person_id: id } } });

export const organisation = {
  mine: () => call(api.GET('/api/v1/auth/organisations')),
  make: (name: string) => call(api.POST('/api/v1/auth/organisations', { body: { name } })),
  view: () => call(api.GET('/api/v1/auth/organisation')),
  rename: (name: string) => call(api.PATCH('/api/v1/auth/organisation', { body: { name } })),
  setPlan: (plan: 'free' | 'pro' | 'desk') => call(api.PUT('/api/v1/auth/organisation/plan', { body: { plan } })),
  setFeature: (feature: string, on: boolean | null) =>
    call(api.PUT('/api/v1/auth/organisation/features/{feature}', { params: { path: { feature } }, body: { on } })),
  members: (cursor: string | null = null) =>
    call(
      api.GET('/api/v1/auth/organisation/members', {
        params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  setRole: (id: string, role: GivenRole) =>
    call(api.PATCH('/api/v1/auth/organisation/members/{person_id}', { ...member(id), body: { role } })),
  disable: (id: string) => call(api.POST('/api/v1/auth/organisation/members/{person_id}/disable', member(id))),
  enable: (id: string) => call(api.POST('/api/v1/auth/organisation/members/{person_id}/enable', member(id))),
  remove: (id: string) => call(api.DELETE('/api/v1/auth/organisation/members/{person_id}', member(id))),
  leave: () => call(api.POST('/api/v1/auth/organisation/leave')),
  transfer: (id: string) => call(api.POST('/api/v1/auth/organisation/transfer', { body: { person_id: id } })),
  invitations: () => call(api.GET('/api/v1/auth/organisation/invitations')),
  invite: (invitation: { email: string; role: GivenRole | 'guest'; room_id?: string }) =>
    call(api.POST('/api/v1/auth/organisation/invitations', { body: invitation })),
  revoke: (id: string) =>
    call(
      api.DELETE('/api/v1/auth/organisation/invitations/{invitation_id}', {
        params: { path: { invitation_id: id } },
      }),
    ),
  look: (token: string) => call(api.POST('/api/v1/auth/invitations/look', { body: { token } })),
};
