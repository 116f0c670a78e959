/** Only names of this machine, not those that point to it (DNS rebinding). */
export function isOurHost(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

/** Other pages send their own origin; programs that are not browsers send none. */
export function isOurOrigin(origin: string | undefined): boolean {
  return !origin || /^https?:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(origin);
}
