import { Loop } from '../src/bot/queue/loop.js';

/** What a simulation of several painters found. */
export interface Shares {
  /** Ids in the order in which they were started. */
  readonly started: readonly string[];
  /** The first guild's part of the work that was done, 0..1. */
  readonly share: number;
  /** The furthest that one guild's done work was behind the other's, in jobs of the largest size. */
  readonly lag: number;
}

/** Sizes of jobs, from and to. The first guild likes large pictures, so taking turns by number would be unfair. */
const SIZES = { large: [3, 8], small: [1, 2] } as const;
type Guild = keyof typeof SIZES;
const LARGEST = 8;
const MEMBERS = 3;
/** Waiting jobs of each member: for each that is started they ask for another. */
const WAITING = 4;

/**
 * Two guilds that always ask for more, in front of painters of different pace: the bot's own queue and loop, with simulated
 * time.
 *
 * @param random numbers in 0..1.
 */
export async function simulatePainters(painters: number, jobs: number, random: () => number): Promise<Shares> {
  const loop = new Loop<number>({ painters: () => [...Array(painters).keys()], run });
  const works = new Map<string, number>();
  const started: string[] = [];
  const done = { large: 0, small: 0 };
  const running: { readonly id: string; readonly ends: number; end(): void }[] = [];
  let now = 0;
  let lag = 0;
  for (const guild of Object.keys(SIZES) as Guild[]) {
    for (let k = 0; k < MEMBERS * WAITING; k++) ask(guild, `${guild}/${k % MEMBERS}`);
  }
  loop.start();
  while (started.length < jobs) {
    const first = running.reduce((soonest, each) => (each.ends < soonest.ends ? each : soonest));
    running.splice(running.indexOf(first), 1);
    now = first.ends;
    done[guildOf(first.id)] += works.get(first.id)!;
    lag = Math.max(lag, Math.abs(done.large - done.small) / LARGEST);
    first.end();
    await new Promise(setImmediate);
  }
  return { started: started.slice(0, jobs), share: done.large / (done.large + done.small), lag };

  function ask(guild: Guild, user: string): void {
    const [low, high] = SIZES[guild];
    const work = low + random() * (high - low);
    const id = `${user}/${works.size}`;
    works.set(id, work);
    loop.add({ id, guild, user, work });
  }

  function run(id: string, painter: number): Promise<void> {
    started.push(id);
    ask(guildOf(id), id.slice(0, id.lastIndexOf('/')));
    // Each is a third slower than the one before it.
    const ends = now + works.get(id)! * 1.33 ** painter;
    return new Promise((end) => running.push({ id, ends, end }));
  }
}

function guildOf(id: string): Guild {
  return id.split('/')[0] as Guild;
}
