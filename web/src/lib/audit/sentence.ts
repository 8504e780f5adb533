/** An entry as a sentence that a person understands. An act that nobody taught this file keeps its own name. */
import { ROLES } from '$lib/account/roles';
import type { AuditEntry } from '$lib/api/types';
import { side, type Value } from './values';

/** What a sentence is made of. `A` is who did it, `P` whom it is about, `by` is A where that is somebody else than P. */
interface Told {
  entry: AuditEntry;
  A: string;
  P: string;
  by: string;
  before: Record<string, Value>;
  after: Record<string, Value>;
}

/** How somebody is called in an entry. */
export type Naming = (entry: AuditEntry, id: string) => string;

const METHODS: Record<string, string> = { pwd: 'password', otp: 'a code', hwk: 'passkey', swk: 'passkey' };

const REASONS: Record<string, string> = {
  too_many: 'there were too many',
  expired: 'it was too old',
  password_changed: 'the password was changed',
  disabled: 'they were disabled',
  removed: 'they were removed',
};

const CREDENTIALS: Record<string, string> = {
  password: 'password',
  totp: 'authenticator app',
  passkey: 'passkey',
  recovery_codes: 'recovery codes',
  identity: 'sign-in by a provider',
  device: 'remembered device',
};

const FIELDS: Record<string, string> = {
  name: 'name',
  email: 'e-mail address',
  email_verified: 'confirmed e-mail address',
  time_zone: 'time zone',
  locale: 'way of writing dates',
  picture: 'picture',
};

const role = (value: Value): string => (value ? (ROLES[value]?.name.toLowerCase() ?? value) : 'nothing');
const quoted = (value: Value): string =>
  value === null ? '(a name that was erased)' : value ? `“${value}”` : 'no name';
const spaced = (text: string): string => text.replaceAll('_', ' ');
const many = (count: Value, one: string, more: string): string => `${count ?? 'some'} ${count === '1' ? one : more}`;

function listed(names: string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function ways({ after }: Told): string {
  const known = (after.methods ?? '').split(' ').flatMap((each) => METHODS[each] ?? []);
  const found = [...new Set(known)];
  return found.length > 0 ? ` with ${listed(found)}` : '';
}

function reason(value: Value): string {
  return value ? `: ${REASONS[value] ?? spaced(value)}` : '';
}

function credential({ entry, P, by }: Told): string {
  const verb = entry.act.slice('auth.credential_'.length);
  const what = CREDENTIALS[entry.object_type] ?? spaced(entry.object_type);
  if (verb === 'used') return `${P} used up one of their ${what}`;
  return by ? `${by} ${verb} the ${what} of ${P}` : `${P} ${verb} their ${what}`;
}

function person({ after, P, by }: Told): string {
  const fields = (after.fields ?? '').split(' ').filter(Boolean);
  const what = listed(fields.map((each) => FIELDS[each] ?? spaced(each))) || 'profile';
  return by ? `${by} changed the ${what} of ${P}` : `${P} changed their ${what}`;
}

function organisationChange({ A, before, after }: Told): string {
  if ('name' in after) return `${A} renamed the organisation to ${quoted(after.name)}`;
  if ('plan' in after) return `${A} changed the plan${before.plan ? ` from ${before.plan}` : ''} to ${after.plan}`;
  const feature = Object.keys(after).find((each) => each.startsWith('feature:'));
  if (!feature) return `${A} changed the organisation`;
  const name = spaced(feature.slice('feature:'.length));
  const now = after[feature];
  return now === 'plan' ? `${A} left the feature ${name} to the plan` : `${A} switched the feature ${name} ${now}`;
}

function refused({ entry, P, after }: Told): string {
  const more = Number(after.dropped ?? 0) > 0 ? `, and ${after.dropped} times more` : '';
  return `${P} was refused ${entry.object_id}${reason(after.reason)}${more}`;
}

function ownership({ A, P, before, after }: Told): string {
  if (after.role === 'owner') return A === P ? `${P} became the owner` : `${A} handed the organisation over to ${P}`;
  return `${P} went from ${role(before.role)} to ${role(after.role)} as the organisation was handed over`;
}

function reading({ A, after }: Told): string {
  return `${A} read ${many(after.count, 'entry', 'entries')} of this log`;
}

const AUDIENCES: Record<string, string> = {
  anyone: 'anyone who has the link',
  organisation: 'the organisation',
  people: 'some people',
  room: 'a room',
};

function audience(name: string | null | undefined): string {
  return AUDIENCES[name ?? ''] ?? 'somebody';
}

const SENTENCES: Record<string, (told: Told) => string> = {
  'auth.person_registered': ({ P }) => `${P} made an account`,
  'auth.signed_in': (told) => `${told.P} signed in${ways(told)}`,
  'auth.sign_in': ({ entry, P, after }) =>
    after.reason === 'disabled'
      ? `${P} could not sign in: they are disabled here`
      : entry.person_id
        ? `Somebody failed to sign in as ${P}`
        : 'Somebody failed to sign in to an account that does not exist',
  'auth.signed_out': ({ P }) => `${P} signed out`,
  'auth.session_ended': ({ P, by, after }) =>
    `${by ? `${by} ended a` : 'A'} session of ${P}${by ? '' : ' ended'}${reason(after.reason)}`,
  'auth.session_moved': ({ P }) => `${P} came over from another organisation`,
  'auth.step_up': ({ P }) => `${P} failed to confirm that it is them`,
  'auth.refresh_reused': ({ P }) => `A used-up session of ${P} came back, as if somebody had copied it; it was ended`,
  'auth.passkey_cloned': ({ P }) => `A passkey of ${P} was refused: somebody may have copied it`,
  'auth.person_changed': person,
  'auth.person_exported': ({ P }) => `${P} downloaded everything that is theirs`,
  'auth.person_erased': ({ P }) => `The account of ${P} was erased`,
  'auth.api_key_added': ({ P, after }) => `${P} made the key ${quoted(after.name)} for programs`,
  'auth.api_key_removed': ({ P, by, before }) => `${by || P} revoked the key ${quoted(before.name)} for programs`,
  'auth.member_role': ({ A, P, before, after }) =>
    `${A} changed ${P}’s role from ${role(before.role)} to ${role(after.role)}`,
  'auth.member_joined': ({ P, after }) => `${P} joined as ${role(after.role)}`,
  'auth.member_left': ({ P }) => `${P} left the organisation`,
  'auth.member_removed': ({ A, P }) => `${A} removed ${P} from the organisation`,
  'auth.member_disabled': ({ A, P }) => `${A} disabled ${P}`,
  'auth.member_enabled': ({ A, P }) => `${A} enabled ${P} again`,
  'auth.member_ownership': ownership,
  'auth.invitation_sent': ({ A, after }) => `${A} invited somebody as ${role(after.role)}`,
  'auth.invitation_accepted': ({ A, after }) => `${A} accepted an invitation as ${role(after.role)}`,
  'auth.invitation_revoked': ({ A }) => `${A} took an invitation back`,
  'auth.invitation_refused': ({ A }) => `${A} opened an invitation that is not for them`,
  'auth.organisation_made': ({ A, after }) => `${A} made the organisation${after.name ? ` ${quoted(after.name)}` : ''}`,
  'auth.organisation_changed': organisationChange,
  'auth.members_read': ({ A }) => `${A} looked at the list of people`,
  'auth.invitations_read': ({ A }) => `${A} looked at the invitations`,
  'auth.access_refused': refused,
  'auth.keys_rotated': ({ entry }) => `The ${spaced(entry.object_id)} key of the installation was renewed`,
  'chat.room_made': ({ A, after }) => `${A} made the room ${quoted(after.title)}`,
  'chat.room_renamed': ({ A, after }) => `${A} renamed a room to ${quoted(after.title)}`,
  'chat.message_removed': ({ A, after }) =>
    after.by === 'moderator'
      ? `${A} removed a message of somebody else from a room`
      : `${A} removed a message of theirs`,
  'chat.message_withdrawn': ({ A }) => `${A} took a message back at once`,
  'chat.room_silenced': ({ A, P, after }) => `${A} silenced ${P} in a room${after.until ? ' for a time' : ''}`,
  'chat.room_unsilenced': ({ A, P }) => `${A} let ${P} speak again in a room`,
  'chat.room_banned': ({ A, P, after }) => `${A} banned ${P} from a room${after.until ? ' for a time' : ''}`,
  'chat.room_unbanned': ({ A, P }) => `${A} let ${P} come into a room again`,
  'chat.room_slow_mode': ({ A, after }) =>
    after.slow_mode === '0'
      ? `${A} ended slow mode in a room`
      : `${A} set slow mode in a room to ${many(after.slow_mode, 'second', 'seconds')}`,
  'chat.room_words': ({ A, entry, after }) =>
    `${A} changed the unwanted words of ${entry.object_type === 'room' ? 'a room' : 'the organisation'}: there are ${after.words}`,
  'chat.retention_rule': ({ A, entry, after }) =>
    `${A} had ${entry.object_type === 'room' ? 'a room' : 'the rooms of the organisation'} keep messages ${
      after.days === undefined
        ? 'as long as the organisation does'
        : after.days === '0'
          ? 'for good'
          : `for ${many(after.days, 'day', 'days')}`
    }`,
  'chat.retention_held': ({ A, entry }) =>
    `${A} placed a legal hold on ${entry.object_type === 'room' ? 'a room' : 'the organisation'}`,
  'chat.retention_released': ({ A, entry }) =>
    `${A} lifted the legal hold of ${entry.object_type === 'room' ? 'a room' : 'the organisation'}`,
  'chat.messages_expired': ({ after }) =>
    `${many(after.messages, 'message', 'messages')} of a room went, older than it keeps them`,
  'chat.held_messages_read': ({ A, after }) =>
    `${A} read ${many(after.messages, 'message', 'messages')} that a legal hold keeps`,
  'chat.held_file_read': ({ A }) => `${A} read a file that a legal hold keeps`,
  'chat.message_review_reported': ({ A, P, entry }) =>
    entry.actor_id ? `${A} reported a message of ${P}` : `The list of unwanted words reported a message of ${P}`,
  'chat.message_review_kept': ({ A, P }) => `${A} reviewed a message of ${P} and kept it`,
  'chat.message_review_removed': ({ A, P }) => `${A} reviewed a message of ${P} and removed it`,
  'chat.room_joined': ({ P, by }) => (by ? `${by} let ${P} into a room` : `${P} joined a room`),
  'chat.room_left': ({ P, by }) => (by ? `${by} took ${P} out of a room` : `${P} left a room`),
  'chat.room_described': ({ A, after }) =>
    'description' in after
      ? `${A} described a room as ${quoted(after.description)}`
      : `${A} took away what a room is for`,
  'chat.room_kind': ({ A, after }) =>
    `${A} made a room ${after.kind === 'open' ? 'open to everybody here' : 'private'}`,
  'chat.room_role': ({ A, P, entry, before, after }) =>
    `${A} changed what ${P} is in a room from ${before[`role:${entry.person_id}`]} to ${after[`role:${entry.person_id}`]}`,
  'chat.room_handed_over': ({ A, P }) => `${A} handed a room over to ${P}`,
  'chat.room_link_made': ({ A, after }) =>
    `${A} made a link that lets ${after.guests === 'yes' ? 'anyone who has it' : 'colleagues'} into a room as ${after.role}`,
  'chat.room_link_used': ({ P, after }) => `${P} came into a room by a link, as ${after.role}`,
  'chat.room_exported': ({ A, after }) =>
    `${A} exported a room with ${after.messages} messages, as ${after.by === 'owner' ? 'its owner' : 'an admin'}${after.reason ? `: ${quoted(after.reason)}` : ''}`,
  'chat.link_previews_switched': ({ A, after }) => `${A} switched link previews ${after.link_previews}`,
  'chat.room_link_revoked': ({ A }) => `${A} revoked a link to a room`,
  'ai.duty_given': ({ A, after }) => `${A} told the AI to summarise a room ${after.when}`,
  'ai.duty_proposed': ({ A, after }) => `${A} asked the AI for a summary of a room ${after.when}, not yet confirmed`,
  'ai.duty_active': ({ A, after }) => `${A} let the AI summarise a room ${after.when}`,
  'ai.duty_changed': ({ A, after }) => `${A} changed a summary of a room, now ${after.when}`,
  'ai.duty_paused': ({ A }) => `${A} paused the summaries of a room`,
  'ai.duty_stopped': ({ A }) => `${A} stopped the summaries of a room`,
  'ai.model_server_changed': ({ A, after }) => `${A} set the model server to ${after.model} at ${after.base_url}`,
  'ai.model_server_removed': ({ A }) => `${A} removed the model server`,
  'charts.bars_imported': ({ A, entry, after }) =>
    `${A} imported ${many(after.count, 'bar', 'bars')} of ${entry.object_id} (${after.timeframe})`,
  'charts.corporate_actions_imported': ({ A, entry, after }) =>
    `${A} imported ${many(after.splits, 'split', 'splits')} and ${many(after.dividends, 'dividend', 'dividends')} of ${entry.object_id}`,
  'charts.fundamentals_imported': ({ A, entry, after }) =>
    `${A} imported ${many(after.facts, 'reported figure', 'reported figures')} of ${entry.object_id}`,
  'charts.chart_shared': ({ A, after }) => `${A} shared a chart of ${after.symbol} with ${audience(after.audience)}`,
  'charts.share_revoked': ({ A, before }) =>
    `${A} ended the link to a chart of ${before.symbol} for ${audience(before.audience)}`,
  'charts.instrument_changed': ({ A, entry, after }) =>
    `${A} changed the ${Object.keys(after).map(spaced).join(', ')} of ${entry.object_id}`,
  'charts.instrument_deleted': ({ A, entry, before }) =>
    `${A} removed ${entry.object_id} with ${many(before.bars, 'bar', 'bars')}`,
  'charts.replay_changed': ({ A, after }) =>
    after.running === 'yes' ? `${A} let the replay run, ${after.speed} times as fast` : `${A} stopped the replay`,
  'audit.entries_read': reading,
  'audit.exported': ({ A, after }) => `${A} exported ${many(after.size, 'entry', 'entries')} of this log`,
  'audit.report_made': ({ A, after }) =>
    `${A} made a compliance report${after.form && after.form !== 'json' ? ` as ${after.form.toUpperCase()}` : ''}`,
};

/** Say what an entry tells. */
export function sentence(entry: AuditEntry, name: Naming): string {
  const told = tell(entry, name);
  if (entry.kept === 'archived_away')
    return `${told.A}: ${entry.act} (archived away: only its place and hash are left)`;
  const find = entry.act.startsWith('auth.credential_') ? credential : SENTENCES[entry.act];
  const text = find ? find(told) : `${told.A}: ${entry.act}${entry.object_id ? ` (${entry.object_id})` : ''}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function tell(entry: AuditEntry, name: Naming): Told {
  const { actor_id: actor, person_id: person } = entry;
  const A = actor ? name(entry, actor) : person ? name(entry, person) : 'The installation';
  return {
    entry,
    A,
    P: person ? name(entry, person) : A,
    by: actor && person && actor !== person ? A : '',
    before: side(entry, 'before'),
    after: side(entry, 'after'),
  };
}
