/** This machine, whatever the port. */
const OWN = String.raw`(127\.0\.0\.1|localhost|\[::1\])(:\d+)?`;

/** Only names of this machine, not those that point to it (DNS rebinding). */
export function isOurHost(host: string | undefined): boolean {
  return host !== undefined && new RegExp(`^${OWN}$`, 'i').test(host);
}

/** Other pages send their own origin; programs that are not browsers send none. */
export function isOurOrigin(origin: string | undefined): boolean {
  return !origin || new RegExp(`^https?://${OWN}$`).test(origin);
}

/** Whether what listens there can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host);
}
