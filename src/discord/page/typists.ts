/** Milliseconds that somebody is shown as typing, as in Discord's client. */
const LASTS = 10_000;

/** Who is typing where: until their message, or for ten seconds. */
export class Typists {
  /** By channel: users in the order in which they began, with their timers. */
  readonly #channels = new Map<string, ReadonlyMap<string, number>>();

  constructor(private readonly changed: () => void) {}

  /** Users; replaced when they change. */
  in(channel: string): ReadonlyMap<string, number> | undefined {
    return this.#channels.get(channel);
  }

  begin(channel: string, user: string): void {
    const others = this.#without(channel, user);
    const timer = window.setTimeout(() => {
      this.end(channel, user);
      this.changed();
    }, LASTS);
    this.#channels.set(channel, others.set(user, timer));
  }

  end(channel: string, user: string): void {
    if (this.in(channel)?.has(user)) this.#channels.set(channel, this.#without(channel, user));
  }

  #without(channel: string, user: string): Map<string, number> {
    const others = new Map(this.in(channel));
    clearTimeout(others.get(user));
    others.delete(user);
    return others;
  }
}
