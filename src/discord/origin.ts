/** Names of this machine: a name that was pointed at it (DNS rebinding) is none of them. */
export function isOurHost(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

/** A page elsewhere names another origin; a program that is no browser names none. */
export function isOurOrigin(origin: string | undefined): boolean {
  return !origin || /^https?:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(origin);
}
