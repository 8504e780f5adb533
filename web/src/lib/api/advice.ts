/** What to do about a problem for which the server has no more than a title. */
const ADVICE: Record<string, string> = {
  already_member: 'This person is a member already. Their role is changed under People.',
  email_taken: 'This e-mail address is taken. Sign in with it, or choose another.',
  invitation_for_another: 'This invitation is for another address. Sign in with the address that it was sent to.',
  invitation_not_found: 'This invitation is used, taken back or too old. Ask whoever invited you for a new one.',
  passkey_refused: 'This passkey cannot be used here. Try another one, or another way.',
  person_not_found: 'Nobody here has this e-mail address. Invite them to the organisation first.',
  wrong_credentials: 'The e-mail address or the password is not right. Try again, or recover the account.',
  wrong_factor: 'That was not right. Look at it once more: a code works only once.',
};

/** The sentence to show for a problem: the server's detail, else what we know about its code, else its title. */
export function inWords(code: string, title: string, detail: string): string {
  if (detail && detail !== title) return detail;
  const known = ADVICE[code] ?? title;
  return known && !/[.!?…]$/.test(known) ? `${known}.` : known;
}
