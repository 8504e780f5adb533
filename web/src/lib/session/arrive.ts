/** Where somebody goes once they are signed in. An invitation that they came with goes first. */
import { goto } from '$app/navigation';
import { safeNext } from './next';

const INVITATION = 'outcry.invitation';
const INVITED = 'outcry.invited';
const LINK = 'outcry.room-link';

/** The invitation that waits for its reader to sign in, for this tab only. */
export const pendingInvitation = {
  get(): string {
    try {
      return sessionStorage.getItem(INVITATION) ?? '';
    } catch {
      return '';
    }
  },
  /** The address that it was sent to: the only one that may accept it. */
  email(): string {
    try {
      return sessionStorage.getItem(INVITED) ?? '';
    } catch {
      return '';
    }
  },
  set(token: string, email = ''): void {
    try {
      if (token) sessionStorage.setItem(INVITATION, token);
      else sessionStorage.removeItem(INVITATION);
      if (email) sessionStorage.setItem(INVITED, email);
      else sessionStorage.removeItem(INVITED);
    } catch {
      // Storage may be forbidden: the link in the mail then has to be opened again.
    }
  },
};

/** The link to a room that waits in the same way. */
export const pendingLink = {
  get(): string {
    try {
      return sessionStorage.getItem(LINK) ?? '';
    } catch {
      return '';
    }
  },
  set(token: string): void {
    try {
      if (token) sessionStorage.setItem(LINK, token);
      else sessionStorage.removeItem(LINK);
    } catch {
      // Storage may be forbidden: the link has to be opened again then.
    }
  },
};

/** Where somebody is expected who came with an invitation or a link; nothing for everybody else. */
export function expected(): string {
  if (pendingInvitation.get()) return '/invitation';
  return pendingLink.get() ? '/join' : '';
}

export async function arrive(next: string | null): Promise<void> {
  await goto(expected() || safeNext(next), { replaceState: true });
}
