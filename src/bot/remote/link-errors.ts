import { EaselError } from '../../engine/errors.js';

/** Codes with which OpenSSL and Node refuse a certificate. */
const CERTIFICATE = /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_|ALTNAME|DEPTH_ZERO/;

/**
 * Why Redis will refuse this connection again and again, in words; null for what may pass, such as a Redis that starts
 * later than its bot. Never has the address's name and password in it.
 *
 * @param where host and port.
 */
export function refusalOf(cause: Error, where: string): EaselError | null {
  const { message, code = '' } = cause as NodeJS.ErrnoException;
  if (/WRONGPASS|invalid (username|password)|NOAUTH|without any password/i.test(message)) {
    return refusal(`Redis at ${where} refuses this name or password. Check the address in PAINTERS or --queue.`, cause);
  }
  if (/NOPERM/.test(message)) {
    return refusal(
      `Redis at ${where} forbids this user something that is needed (${message}). The operator's guide lists the rules.`,
      cause,
    );
  }
  if (CERTIFICATE.test(code)) {
    return refusal(
      `The certificate of Redis at ${where} is not trusted (${code}). Set NODE_EXTRA_CA_CERTS to the file of the authority that signed it.`,
      cause,
    );
  }
  if (code === 'EPROTO' || /wrong version number|SSL/i.test(message)) {
    return refusal(
      `Redis at ${where} does not speak TLS. Use redis:// instead of rediss://, or its other port.`,
      cause,
    );
  }
  if (code === 'ENOTFOUND') return refusal(`There is no machine called ${where}. Check PAINTERS or --queue.`, cause);
  return null;
}

/** Whether Redis has no memory left for anything new. */
export function isFull(error: unknown): boolean {
  return /\bOOM\b|MISCONF|READONLY/.test(String((error as Error)?.message ?? error));
}

function refusal(message: string, cause: Error): EaselError {
  return new EaselError(message, { cause });
}
