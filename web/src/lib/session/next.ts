/** Where to go after signing in. Only addresses of this site: anything else would lead people away from it. */
export function safeNext(next: string | null): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  try {
    const url = new URL(next, 'http://outcry.invalid');
    if (url.origin !== 'http://outcry.invalid' || url.pathname.startsWith('/sign-')) return '/';
    return url.pathname + url.search;
  } catch {
    return '/';
  }
}
