/** What the account and organisation pages ask of the server. */
import { sendConfirmed } from '$lib/api/client';
import { toProblem } from '$lib/api/problem';
import type { ApiKey, Me, NewApiKey, OpenSession } from '$lib/api/types';
import type { Challenge, Shown } from './passkeys';

const BASE = '/api/v1/auth';

export type FactorKind = 'password' | 'totp' | 'passkey' | 'recovery_code';

export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

export interface Device {
  id: string;
  user_agent: string;
  address: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string;
  current?: boolean;
}

export interface Identity {
  id: string;
  provider: string;
  email: string | null;
  created_at: string;
  last_used_at: string | null;
}

export interface Factors {
  password: boolean;
  totp: { created_at: string; last_used_at: string | null } | null;
  passkeys: Passkey[];
  recovery_codes_left: number;
  devices: Device[];
  identities: Identity[];
}

export interface StepUp {
  fresh_until: string | null;
  kinds: FactorKind[];
}

export interface TotpOffer {
  ticket: string;
  secret: string;
  uri: string;
  qr_svg: string;
}

export interface Provider {
  name: string;
  title: string;
}

export interface MyOrganisation {
  id: string;
  name: string;
  role: string;
  current: boolean;
}

export interface OrganisationView {
  id: string;
  name: string;
  plan: string;
  role: string;
  features: Record<string, { on: boolean; by_plan: boolean }>;
  quotas: Record<string, { used?: number | null; limit: number }>;
}

export interface MemberView {
  person: { id: string; name: string; email: string };
  role: string;
  joined_at: string;
  disabled: boolean;
  room_id: string | null;
}

export interface Invitation {
  id: string;
  email: string;
  role: string;
  room_id: string | null;
  created_at: string;
  expires_at: string;
}

export interface InvitationLook {
  organisation: string;
  role: string;
  email: string;
  expires_at: string;
}

async function fetched(method: string, path: string, body?: BodyInit, type = 'application/json'): Promise<Response> {
  const headers: Record<string, string> = body === undefined ? {} : { 'Content-Type': type };
  const request = new Request(new URL(BASE + path, location.origin), { method, headers, ...(body ? { body } : {}) });
  const response = await sendConfirmed(request);
  if (!response.ok) throw toProblem(response.status, await response.json().catch(() => null));
  return response;
}

async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetched(method, path, body === undefined ? undefined : JSON.stringify(body));
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const account = {
  recover: (email: string) => send<unknown>('POST', '/recover', { email }),
  confirmEmail: (token: string) => send<void>('POST', '/email/confirm', { token }),
  registerOptions: (form: { email: string; name: string }) =>
    send<Challenge>('POST', '/register/passkey/options', form),
  signInOptions: (ticket?: string) => send<Challenge>('POST', '/sign-in/passkey/options', ticket ? { ticket } : {}),
  providers: () => send<Provider[]>('GET', '/providers'),
  startProvider: (name: string, next: string) =>
    send<{ url: string }>('POST', `/oidc/${encodeURIComponent(name)}/start`, { next }),

  changeProfile: (changes: { name?: string; time_zone?: string; locale?: string }) => send<Me>('PATCH', '/me', changes),
  setPicture: async (picture: Blob) =>
    (await (await fetched('PUT', '/me/picture', picture, picture.type)).json()) as Me,
  dropPicture: () => send<Me>('DELETE', '/me/picture'),
  picture: async (personId: string) => (await fetched('GET', `/people/${personId}/picture`)).blob(),
  changeEmail: (email: string) => send<unknown>('POST', '/me/email', { email }),
  verifyEmail: () => send<unknown>('POST', '/me/email/verify'),
  setPassword: (password: string) => send<void>('PUT', '/me/password', { password }),
  dropPassword: () => send<void>('DELETE', '/me/password'),

  factors: () => send<Factors>('GET', '/factors'),
  offerTotp: () => send<TotpOffer>('POST', '/factors/totp'),
  confirmTotp: (ticket: string, code: string) =>
    send<{ codes: string[] }>('POST', '/factors/totp/confirm', { ticket, code }),
  dropTotp: () => send<void>('DELETE', '/factors/totp'),
  passkeyOptions: () => send<Challenge>('POST', '/factors/passkeys/options'),
  addPasskey: (shown: Shown, name: string) =>
    send<Passkey & { codes?: string[] }>('POST', '/factors/passkeys', { ...shown, name }),
  renamePasskey: (id: string, name: string) => send<Passkey>('PATCH', `/factors/passkeys/${id}`, { name }),
  dropPasskey: (id: string) => send<void>('DELETE', `/factors/passkeys/${id}`),
  renewCodes: () => send<{ codes: string[] }>('POST', '/factors/recovery-codes'),
  dropDevice: (id: string) => send<void>('DELETE', `/factors/devices/${id}`),
  dropDevices: () => send<void>('DELETE', '/factors/devices'),
  linkIdentity: (provider: string, next: string) =>
    send<{ url: string }>('POST', `/factors/identities/${encodeURIComponent(provider)}/start`, { next }),
  dropIdentity: (id: string) => send<void>('DELETE', `/factors/identities/${id}`),

  stepUp: () => send<StepUp>('GET', '/step-up'),
  stepUpOptions: () => send<Challenge>('POST', '/step-up/passkey/options'),
  show: (factor: { kind: FactorKind; password?: string; code?: string } & Partial<Shown>) =>
    send<StepUp>('POST', '/step-up', factor),

  sessions: () => send<OpenSession[]>('GET', '/sessions'),
  endSession: (id: string) => send<void>('DELETE', `/sessions/${id}`),
  endOthers: () => send<void>('DELETE', '/sessions'),
  keys: () => send<ApiKey[]>('GET', '/api-keys'),
  makeKey: (key: { name: string; scopes: string[]; expires_in_days?: number }) =>
    send<NewApiKey>('POST', '/api-keys', key),
  revokeKey: (id: string) => send<void>('DELETE', `/api-keys/${id}`),

  export: async () => (await fetched('POST', '/me/export')).blob(),
  erase: (email: string) => send<void>('POST', '/me/erasure', { email }),
};

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export const organisation = {
  mine: () => send<MyOrganisation[]>('GET', '/organisations'),
  make: (name: string) => send<MyOrganisation>('POST', '/organisations', { name }),
  view: () => send<OrganisationView>('GET', '/organisation'),
  rename: (name: string) => send<OrganisationView>('PATCH', '/organisation', { name }),
  setPlan: (plan: string) => send<OrganisationView>('PUT', '/organisation/plan', { plan }),
  setFeature: (feature: string, on: boolean | null) =>
    send<OrganisationView>('PUT', `/organisation/features/${feature}`, { on }),
  members: (cursor?: string | null) =>
    send<Page<MemberView>>(
      'GET',
      `/organisation/members?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    ),
  setRole: (id: string, role: string) => send<MemberView>('PATCH', `/organisation/members/${id}`, { role }),
  disable: (id: string) => send<void>('POST', `/organisation/members/${id}/disable`),
  enable: (id: string) => send<void>('POST', `/organisation/members/${id}/enable`),
  remove: (id: string) => send<void>('DELETE', `/organisation/members/${id}`),
  leave: () => send<void>('POST', '/organisation/leave'),
  transfer: (id: string) => send<void>('POST', '/organisation/transfer', { person_id: id }),
  invitations: () => send<Invitation[]>('GET', '/organisation/invitations'),
  invite: (invitation: { email: string; role: string; room_id?: string }) =>
    send<Invitation>('POST', '/organisation/invitations', invitation),
  revoke: (id: string) => send<void>('DELETE', `/organisation/invitations/${id}`),
  look: (token: string) => send<InvitationLook>('POST', '/invitations/look', { token }),
};
