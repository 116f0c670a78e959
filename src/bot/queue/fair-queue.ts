import { Turns } from './turns.js';

/** A job's place in the order. */
export interface Waiting {
  readonly id: string;
  /** A direct message counts as a guild of its own: pass its user. */
  readonly guild: string;
  readonly user: string;
  /** Pixels x steps x pictures. */
  readonly work: number;
}

interface Guild {
  /** In the order of their coming; never empty. */
  readonly users: Map<string, Waiting[]>;
  readonly turns: Turns<string>;
}

/**
 * The order in which jobs are painted: guilds in turn, inside a guild its users in turn, inside a user first come first
 * served. A turn is one job; how soon the next one comes is counted in work.
 *
 * Invariants: every guild in #guilds has a user with a waiting job, and is in #turns; so for users in their guild's turns.
 */
export class FairQueue {
  readonly #guilds = new Map<string, Guild>();
  readonly #turns = new Turns<string>();
  readonly #waiting = new Map<string, Waiting>();
  /** Ids in the order of their turns; null when something changed since it was worked out. */
  #order: string[] | null = null;

  get size(): number {
    return this.#waiting.size;
  }

  /** @throws RangeError for a job that waits already. */
  add(job: Waiting): void {
    const { id, guild, user } = job;
    if (this.#waiting.has(id)) throw new RangeError(`Job ${id} waits already.`);
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

  /** Takes out the job whose turn it is. @returns its id; undefined when none waits. */
  take(): string | undefined {
    const name = this.#turns.next();
    if (name === undefined) return undefined;
    const guild = this.#guilds.get(name)!;
    const user = guild.turns.next()!;
    const job = guild.users.get(user)![0]!;
    guild.turns.served(user, job.work);
    this.#turns.served(name, job.work);
    this.#leave(job);
    return job.id;
  }

  /** Takes a job out before its turn, if it is there. */
  remove(id: string): void {
    const job = this.#waiting.get(id);
    if (job) this.#leave(job);
  }

  /** Ids of the waiting jobs, next first, if nothing else came in between. */
  order(): readonly string[] {
    this.#order ??= this.#lookAhead();
    return this.#order;
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
