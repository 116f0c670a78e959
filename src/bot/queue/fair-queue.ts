import { Turns } from './turns.js';

/** A job's place in the queue. */
export interface Waiting {
  readonly id: string;
  /** For direct messages, the user's id: they count as a guild of their own. */
  readonly guild: string;
  readonly user: string;
  /** Pixels x steps x pictures. */
  readonly work: number;
}

interface Guild {
  /** In order of arrival; never empty. */
  readonly users: Map<string, Waiting[]>;
  readonly turns: Turns<string>;
}

/**
 * The order in which jobs are painted: guilds take turns, within a guild its users take turns, and each user's jobs are
 * first come, first served. A turn is one job; how soon the next turn comes depends on the job's work.
 *
 * Invariants: every guild in #guilds has a user with a waiting job and is in #turns; likewise users in their guild's
 * turns.
 */
export class FairQueue {
  readonly #guilds = new Map<string, Guild>();
  readonly #turns = new Turns<string>();
  /** All but those that were given back. */
  readonly #waiting = new Map<string, Waiting>();
  /** Jobs that have had their turn and wait again, in the order of those turns. */
  readonly #returned: { readonly job: Waiting; readonly turn: number }[] = [];
  /** Ids in the order of their turns; null if something has changed since it was computed. */
  #order: string[] | null = null;

  get size(): number {
    return this.#waiting.size + this.#returned.length;
  }

  /** @throws RangeError for a job that is already waiting. */
  add(job: Waiting): void {
    const { id, guild, user } = job;
    if (this.#has(id)) throw new RangeError(`Job ${id} waits already.`);
    const there = this.#guilds.get(guild) ?? { users: new Map<string, Waiting[]>(), turns: new Turns<string>() };
    this.#guilds.set(guild, there);
    this.#turns.join(guild);
    there.turns.join(user);
    const jobs = there.users.get(user);
    if (jobs) jobs.push(job);
    else there.users.set(user, [job]);
    this.#waiting.set(id, job);
    this.#order = null;
  }

  /**
   * Puts a job that was taken in front of all others: it has had its turn, which has been counted.
   *
   * @param turn when that was; among those given back, the earlier turn goes first.
   * @throws RangeError for a job that is already waiting.
   */
  giveBack(job: Waiting, turn: number): void {
    if (this.#has(job.id)) throw new RangeError(`Job ${job.id} waits already.`);
    this.#returned.push({ job, turn });
    this.#returned.sort((a, b) => a.turn - b.turn);
    this.#order = null;
  }

  /**
   * Removes the job whose turn it is, or another that goes before its turn.
   *
   * @returns its id; undefined if it does not wait, or none does.
   */
  take(id = this.first()): string | undefined {
    if (id === undefined || this.#removeReturned(id)) return id;
    const job = this.#waiting.get(id);
    if (!job) return undefined;
    this.#guilds.get(job.guild)!.turns.served(job.user, job.work);
    this.#turns.served(job.guild, job.work);
    this.#leave(job);
    return id;
  }

  /** The job whose turn it is, which stays. */
  first(): string | undefined {
    return (this.#returned[0]?.job ?? this.#next())?.id;
  }

  /** Removes a job before its turn, if it is there. */
  remove(id: string): void {
    const job = this.#waiting.get(id);
    if (job) this.#leave(job);
    else this.#removeReturned(id);
  }

  /** Ids of the waiting jobs in the order in which they will be painted if nothing is added. */
  order(): readonly string[] {
    this.#order ??= [...this.#returned.map(({ job }) => job.id), ...this.#lookAhead()];
    return this.#order;
  }

  #has(id: string): boolean {
    return this.#waiting.has(id) || this.#returned.some(({ job }) => job.id === id);
  }

  /** @returns whether it was there. */
  #removeReturned(id: string): boolean {
    const index = this.#returned.findIndex(({ job }) => job.id === id);
    if (index === -1) return false;
    this.#returned.splice(index, 1);
    this.#order = null;
    return true;
  }

  #next(): Waiting | undefined {
    const name = this.#turns.next();
    if (name === undefined) return undefined;
    const { turns, users } = this.#guilds.get(name)!;
    return users.get(turns.next()!)![0]!;
  }

  #leave(job: Waiting): void {
    const guild = this.#guilds.get(job.guild)!;
    const jobs = guild.users.get(job.user)!;
    jobs.splice(jobs.indexOf(job), 1);
    if (jobs.length === 0) {
      guild.users.delete(job.user);
      guild.turns.leave(job.user);
    }
    if (guild.users.size === 0) {
      this.#guilds.delete(job.guild);
      this.#turns.leave(job.guild);
    }
    this.#waiting.delete(job.id);
    this.#order = null;
  }

  #lookAhead(): string[] {
    const turns = this.#turns.clone();
    const guilds = new Map(
      [...this.#guilds].map(([name, { users, turns }]) => [
        name,
        { turns: turns.clone(), users: new Map([...users].map(([user, jobs]) => [user, [...jobs]])) },
      ]),
    );
    const order: string[] = [];
    for (let name = turns.next(); name !== undefined; name = turns.next()) {
      const guild = guilds.get(name)!;
      const user = guild.turns.next()!;
      const jobs = guild.users.get(user)!;
      const { id, work } = jobs.shift()!;
      guild.turns.served(user, work);
      turns.served(name, work);
      if (jobs.length === 0) {
        guild.users.delete(user);
        guild.turns.leave(user);
      }
      if (guild.users.size === 0) turns.leave(name);
      order.push(id);
    }
    return order;
  }
}
