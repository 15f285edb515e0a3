/** Where requests may go: what a page grants, and what a secret is bound to. */

/** An origin, the paths below its path, and methods, or `*` for all of them. */
export interface Destination {
  readonly url: string;
  readonly methods: readonly string[];
}

/** What of a request is compared with a destination. */
export interface Target {
  readonly method: string;
  readonly url: URL;
}

/**
 * Checks what a page grants, before a guest asks for it.
 *
 * @throws RangeError naming a destination that can cover no request, or of which a part would not be looked at
 */
export function checkDestinations(destinations: readonly Destination[]): void {
  for (const { url } of destinations) {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    const parts = parsed === null ? '?' : parsed.username + parsed.password + parsed.search + parsed.hash;
    if (parts !== '' || !['http:', 'https:'].includes(parsed!.protocol)) {
      throw new RangeError(`a destination has to be http or https, with host and path alone, was '${url}'`);
    }
  }
}

/** Compared after the URL is parsed: what the browser would send is what is looked at. */
export function covers(destination: Destination, { method, url }: Target): boolean {
  const granted = new URL(destination.url);
  if (granted.origin !== url.origin || !destination.methods.some((one) => one === '*' || one === method)) {
    return false;
  }
  const prefix = granted.pathname.endsWith('/') ? granted.pathname : `${granted.pathname}/`;
  // A server may take an encoded slash for one: such a path is below nothing but the root.
  return prefix === '/' || (!/%2f|%5c/i.test(url.pathname) && `${url.pathname}/`.startsWith(prefix));
}
