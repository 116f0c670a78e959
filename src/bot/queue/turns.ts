/** One that takes turns. */
interface Member {
  /** The service clock's time at which it may be served again, when its share has made up for what it has had. */
  due: number;
  /** When it last joined or was served, by a counter: among equals, whoever was served longest ago goes first. */
  since: number;
}

/**
 * Serves members in turn, each the same amount of work: start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996),
 * which is deficit round robin (Shreedhar and Varghese, SIGCOMM 1995) with a quantum of nearly nothing and the cost of
 * a turn paid afterwards. So nobody has to save up for a large job, and nobody is served twice in a row while somebody
 * else waits with less.
 *
 * Invariants: a member's `due` is never below the clock, which is the `due` of whoever was served last, so a member who
 * joins at the clock is at most one job of each other member behind. The exception is a member who is passed over, whose
 * `due` may fall behind the clock: they are the next to be served, but have not saved up for more than that. Members who leave while others wait and come back
 * continue from where their work had brought them, unless the clock has passed that: leaving pays nothing off, and
 * nobody owes more than their last job. When all have left, nobody owes anything.
 */
export class Turns<Key> {
  #clock = 0;
  #count = 0;
  #members = new Map<Key, Member>();
  /** When members who left are due; all above the clock. */
  #owed = new Map<Key, number>();

  /** No effect on a member who is already there. */
  join(key: Key): void {
    if (this.#members.has(key)) return;
    this.#members.set(key, { due: this.#owed.get(key) ?? this.#clock, since: this.#count++ });
    this.#owed.delete(key);
  }

  leave(key: Key): void {
    const member = this.#members.get(key);
    if (!member) return;
    this.#members.delete(key);
    if (this.#members.size === 0) this.#owed.clear();
    else if (member.due > this.#clock) this.#owed.set(key, member.due);
  }

  /** Whose turn it is; undefined if nobody is there. */
  next(): Key | undefined {
    let first: [Key, Member] | undefined;
    for (const entry of this.#members) {
      const [, member] = entry;
      if (!first || member.due < first[1].due || (member.due === first[1].due && member.since < first[1].since)) {
        first = entry;
      }
    }
    return first?.[0];
  }

  /** Records that a member was served. @param work 0 or more. */
  served(key: Key, work: number): void {
    const member = this.#members.get(key)!;
    this.#clock = Math.max(this.#clock, member.due);
    for (const [gone, due] of this.#owed) if (due <= this.#clock) this.#owed.delete(gone);
    member.due = this.#clock + work;
    member.since = this.#count++;
  }

  /** A copy, to look ahead. */
  clone(): Turns<Key> {
    const copy = new Turns<Key>();
    copy.#clock = this.#clock;
    copy.#count = this.#count;
    copy.#members = new Map([...this.#members].map(([key, member]) => [key, { ...member }]));
    copy.#owed = new Map(this.#owed);
    return copy;
  }
}
