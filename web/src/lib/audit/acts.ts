/** The acts that the log knows, in groups to choose from. A choice is how an act's name begins. */

export const GROUPS: { group: string; acts: [string, string][] }[] = [
  {
    group: 'Signing in',
    acts: [
      ['auth.sign', 'Everything about signing in and out'],
      ['auth.signed_in', 'Signed in'],
      ['auth.sign_in', 'Failed sign-ins'],
      ['auth.signed_out', 'Signed out'],
      ['auth.step_up', 'Failed confirmations'],
      ['auth.session', 'Sessions ended or moved'],
      ['auth.refresh_reused', 'Stolen sessions'],
      ['auth.credential', 'Passwords and other factors'],
      ['auth.passkey_cloned', 'Copied passkeys'],
    ],
  },
  {
    group: 'People',
    acts: [
      ['auth.member_', 'Everything about members'],
      ['auth.member_role', 'Roles'],
      ['auth.member_joined', 'Joined'],
      ['auth.member_removed', 'Removed'],
      ['auth.member_disabled', 'Disabled'],
      ['auth.member_ownership', 'Ownership handed over'],
      ['auth.invitation', 'Invitations'],
      ['auth.person', 'Accounts and profiles'],
      ['auth.person_erased', 'Erasures'],
    ],
  },
  {
    group: 'Access to data',
    acts: [
      ['auth.access_refused', 'Refused access'],
      ['auth.members_read', 'Looks at the list of people'],
      ['auth.person_exported', 'Personal exports'],
      ['audit.', 'Everything about this log'],
      ['audit.entries_read', 'Reading this log'],
      ['audit.exported', 'Exports of this log'],
      ['audit.report_made', 'Compliance reports'],
    ],
  },
  {
    group: 'Settings',
    acts: [
      ['auth.api_key', 'Keys for programs'],
      ['auth.organisation', 'Organisation and plan'],
      ['ai.model_server', 'Model server'],
      ['auth.keys_rotated', 'Keys of the installation'],
    ],
  },
  {
    group: 'Work',
    acts: [
      ['chat.', 'Rooms'],
      ['ai.duty', 'Summaries of rooms'],
      ['charts.', 'Market data and charts'],
      ['charts.chart_shared', 'Charts shared'],
      ['charts.share_revoked', 'Links to charts ended'],
    ],
  },
];

const NAMES = new Map(GROUPS.flatMap((each) => each.acts));

/** A choice in words; one that is none of them is its own name. */
export function nameAct(act: string): string {
  return NAMES.get(act) ?? act;
}
