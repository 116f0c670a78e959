import { EaselError } from '../engine/errors.js';

/** Names of devices, which Windows opens whatever their extension. */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
/** Most bytes of a name on nearly all file systems are 255; `.part.json` has to fit behind it. */
const LONGEST = 200;

/** Whether a name is a plain file's on every system: no way to another folder, no device, nothing that Windows drops. */
export function isPlainName(name: string): boolean {
  return (
    name !== '' &&
    !/[\p{Cc}\p{Cs}\p{Bidi_Control}<>:"/\\|?*]/u.test(name) &&
    !/^[. ~-]|[. ]$/.test(name) &&
    !DEVICES.test(name) &&
    Buffer.byteLength(name) <= LONGEST
  );
}

/**
 * A path from a repository's listing, if each of its parts is a plain name.
 *
 * @throws EaselError for any other: a repository that has one of those is not to be trusted.
 */
export function safePath(path: string, where: string): string {
  const parts = path.split('/');
  if (parts.length > 6 || !parts.every(isPlainName)) {
    throw new EaselError(
      `${where} has a file called ${JSON.stringify(path.slice(0, 120))}, which could be written outside the models folder or not at all on some systems. Nothing was fetched.`,
    );
  }
  return path;
}

/** The name that a server gives a file, made plain: folders before it are dropped, other characters become "_". */
export function plainName(given: string): string | undefined {
  const last = given.split(/[/\\]/).at(-1)!;
  const name = last.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}<>:"|?*]/gu, '_').replace(/^[. ~-]+|[. ]+$/g, '');
  return isPlainName(name) ? name : undefined;
}
