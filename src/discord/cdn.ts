import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { World } from './world.js';

/** Milliseconds that an address works. Discord's own work for about a day. */
const LIFETIME = 24 * 60 * 60 * 1000;

/** Signs and checks the addresses of attachments: `?ex=&is=&hm=`, hexadecimal seconds and a signature (documentation, "Signed attachment CDN URLs"). */
export class Cdn {
  readonly #key = randomBytes(32);
  /** Addresses issued before this time no longer work; moved by tests. */
  expiredBefore = 0;

  constructor(
    private readonly world: World,
    private readonly base: () => string,
  ) {}

  /** The address stays the same for an hour, so that clients do not load a file again with every message. */
  sign(channelId: string, attachmentId: string, filename: string): string {
    const hour = 60 * 60 * 1000;
    const issued = Math.max(Math.floor(this.world.now() / hour) * hour, this.expiredBefore);
    const path = `/attachments/${channelId}/${attachmentId}/${encodeURIComponent(filename)}`;
    const [is, ex] = [issued, issued + LIFETIME].map((time) => Math.floor(time / 1000).toString(16));
    return `${this.base()}${path}?ex=${ex}&is=${is}&hm=${this.#signature(path, ex!, is!)}&`;
  }

  /** The file at a path, or null when the signature is wrong or expired. */
  async open(
    path: string,
    query: { ex?: string; is?: string; hm?: string },
  ): Promise<{ bytes: Uint8Array; type: string } | null> {
    const { ex = '', is = '', hm = '' } = query;
    const expected = Buffer.from(this.#signature(path, ex, is));
    const given = Buffer.from(hm);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    if (Number.parseInt(ex, 16) * 1000 <= this.world.now()) return null;
    if (Number.parseInt(is, 16) * 1000 < Math.floor(this.expiredBefore / 1000) * 1000) return null;
    return this.world.file(path.split('/')[3] ?? '');
  }

  /** Makes every address issued so far stop working, as after a day. */
  expireAll(): void {
    this.expiredBefore = this.world.now() + 1000;
  }

  #signature(path: string, ex: string, is: string): string {
    return createHmac('sha256', this.#key).update(`${path}?${ex}&${is}`).digest('hex');
  }
}
