/** Why a provider's sign-in did not work, from the code that the server's redirect carries. */
const WORDS: Record<string, string> = {
  sign_in_lost: 'This sign-in was not begun in this browser, or it took too long. Begin it again.',
  provider_denied: 'The provider did not let you in. Nothing was changed.',
  link_first:
    'An account has this address, or the provider does not vouch for one. Sign in as you usually do, then connect it under Settings, Sign-in.',
  identity_taken: 'That account at the provider is connected with another person here.',
  identity_refused: 'The provider’s answer could not be trusted. Try again, or use another way.',
  wrong_credentials: 'This account cannot sign in here. Ask an administrator of your organisation.',
  not_found: 'There is no such provider here any more.',
  unavailable: 'The provider does not answer right now. Try again in a moment.',
  rate_limited: 'There were too many tries. Wait a little and try again.',
};

export function explainProvider(code: string): string {
  return WORDS[code] ?? 'Signing in there did not work. Try again, or use another way.';
}
