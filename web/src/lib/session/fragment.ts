/** What stands behind `#` in an address: tokens of mails and of sign-ins elsewhere. No server ever sees it. */

/** Take it, and remove it from the address bar, the history and later copies of the address at once. */
export function takeFragment(): string {
  const fragment = location.hash.slice(1);
  if (fragment) history.replaceState(history.state, '', location.pathname + location.search);
  return fragment;
}

/** Take the token that a mail's link carries; empty when there is none. */
export function takeToken(): string {
  try {
    return decodeURIComponent(takeFragment());
  } catch {
    return '';
  }
}
