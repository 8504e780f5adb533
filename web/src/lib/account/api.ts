/** What the account and organisation pages ask of the server, under short names. */
import { api, call } from '$lib/api/client';
import type { paths } from '$lib/api/schema';
import type { Made } from './passkeys';
import type { GivenRole } from './roles';

type ShownFactor = paths['/api/v1/auth/step-up']['post']['requestBody']['content']['application/json'];

/** The header of what a challenge gave. */
const withSolved = (solved: string): Record<string, string> => (solved ? { 'Challenge-Response': solved } : {});

export const account = {
  recover: (email: string, solved: string) =>
    call(api.POST('/api/v1/auth/recover', { params: { header: withSolved(solved) }, body: { email } })),
  confirmEmail: (token: string) => call(api.POST('/api/v1/auth/email/confirm', { body: { token } })),
  registerOptions: (form: { email: string; name: string }, solved: string) =>
    call(api.POST('/api/v1/auth/register/passkey/options', { params: { header: withSolved(solved) }, body: form })),
  signInOptions: (ticket?: string) =>
    call(api.POST('/api/v1/auth/sign-in/passkey/options', { body: ticket ? { ticket } : {} })),
  providers: () => call(api.GET('/api/v1/auth/providers')),
  startProvider: (provider: string, next: string) =>
    call(api.POST('/api/v1/auth/oidc/{provider}/start', { params: { path: { provider } }, body: { next } })),

  changeProfile: (changes: { name?: string; time_zone?: string; locale?: string }) =>
    call(api.PATCH('/api/v1/auth/me', { body: changes })),
  setPicture: (picture: Blob) =>
    call(
      api.PUT('/api/v1/auth/me/picture', {
        body: picture as unknown as string,
        bodySerializer: (body) => body,
        headers: { 'Content-Type': picture.type },
      }),
    ),
  dropPicture: () => call(api.DELETE('/api/v1/auth/me/picture')),
  picture: async (personId: string, version: string) =>
    (await call(
      api.GET('/api/v1/auth/people/{person_id}/picture', {
        params: { path: { person_id: personId }, query: { version } },
        parseAs: 'blob',
      }),
    )) as Blob,
  changeEmail: (email: string) => call(api.POST('/api/v1/auth/me/email', { body: { email } })),
  verifyEmail: () => call(api.POST('/api/v1/auth/me/email/verify')),
  setPassword: (password: string, present: string | null) =>
    call(api.PUT('/api/v1/auth/me/password', { body: { password, present } })),
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
  startStepUp: (provider: string, next: string) =>
    call(
      api.POST('/api/v1/auth/step-up/providers/{provider}/start', { params: { path: { provider } }, body: { next } }),
    ),
  stepUpOptions: () => call(api.POST('/api/v1/auth/step-up/passkey/options')),
  show: (factor: ShownFactor) => call(api.POST('/api/v1/auth/step-up', { body: factor })),

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
