/** One that takes turns. */
interface Member {
  /** The service clock at which it may be served again: its share of what it has had is used up. */
  due: number;
  /** When it last joined or was served, by a counter: whoever was served longest ago goes first among equals. */
  since: number;
}

/**
 * Serves members in turn, each as much work as any other: start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996),
 * which is what deficit round robin (Shreedhar and Varghese, SIGCOMM 1995) becomes when its quantum shrinks to nothing and
 * what a turn takes is paid afterwards. So nobody has to save up for a large job, and nobody is served twice in a row
 * while another waits for less.
 *
 * Invariants: a member's `due` is never below the clock, which is the `due` of whoever was served last; so one who joins
 * at the clock is behind at most one job of each other member. Who leaves while others wait and comes back goes on where
 * its share of the work had brought it, if the clock is not there yet: leaving pays nothing off, and what is owed is never
 * more than the last job. When all have left, nobody owes anybody.
 */
export class Turns<Key> {
  #clock = 0;
  #count = 0;
  #members = new Map<Key, Member>();
  /** When those who left are due; all above the clock. */
  #owed = new Map<Key, number>();

  /** Has no effect on one who is there already. */
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

  /** Whose turn it is; undefined when nobody is there. */
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

  /** Notes that a member was served. @param work 0 or more. */
  served(key: Key, work: number): void {
    const member = this.#members.get(key)!;
    this.#clock = member.due;
    for (const [gone, due] of this.#owed) if (due <= this.#clock) this.#owed.delete(gone);
    member.due += work;
    member.since = this.#count++;
  }

  /** As it is now, to look ahead in. */
  clone(): Turns<Key> {
    const copy = new Turns<Key>();
    copy.#clock = this.#clock;
    copy.#count = this.#count;
    copy.#members = new Map([...this.#members].map(([key, member]) => [key, { ...member }]));
    copy.#owed = new Map(this.#owed);
    return copy;
  }
}
