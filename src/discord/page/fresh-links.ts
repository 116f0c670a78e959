import { type Api, Refused } from './api.js';
import type { History } from './history.js';
import { fileOf, linkTo } from './links.js';

/** Addresses of files are signed for a day; expired ones are requested again, once each. */
export class FreshLinks {
  readonly #asked = new Map<string, Promise<string | null>>();

  constructor(
    private readonly api: Api,
    private readonly history: History,
    private readonly changed: () => void,
  ) {}

  /** @returns null if there is no other address. */
  of(url: string): Promise<string | null> {
    const asked = this.#asked.get(url) ?? this.#ask(url);
    this.#asked.set(url, asked);
    return asked;
  }

  async #ask(url: string): Promise<string | null> {
    const { messages } = this.history;
    const named = fileOf(url);
    const before = named && messages.get(named.channel)?.find((one) => linkTo(named.file, one));
    if (!before) return null;
    const message = await this.api.message(named.channel, before.id).catch((error) => {
      if (!(error instanceof Refused)) throw error;
      return null;
    });
    if (!message) return null;
    // A later edit is newer and has its own addresses.
    if (messages.get(named.channel)?.includes(before)) {
      this.history.hear({ t: 'MESSAGE_UPDATE', d: message });
      this.changed();
    }
    const found = linkTo(named.file, message);
    return found && found !== url ? found : null;
  }
}
