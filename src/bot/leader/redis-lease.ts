import type { Lease } from './lease.js';

interface Scripts {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** In braces, so that a cluster keeps both in one place. The lock expires; the epoch of the newest leader stays. */
const KEYS = ['easel:{leader}', 'easel:{leader}:epoch'];

const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder then return {0, holder} end
local epoch = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {epoch, ARGV[1]}`;

const MINE = `
local holder = redis.call('GET', KEYS[1])
local mine = holder == ARGV[1] or (not holder and redis.call('GET', KEYS[2]) == ARGV[2])
if not mine then return 0 end`;

const KEEP = `${MINE}
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`;

const RELEASE = `${MINE}
return redis.call('DEL', KEYS[1])`;

/** A key that expires, as Redis's documentation has it ("SET", "Patterns"), with the epoch beside it. */
export function redisLease(client: object): Lease {
  const run = (script: string, ...words: (string | number)[]) =>
    (client as Scripts).eval(script, { keys: KEYS, arguments: words.map(String) });
  return {
    async take(holder, milliseconds) {
      const [epoch, by] = (await run(TAKE, holder, milliseconds)) as [number, string];
      return epoch > 0 ? { epoch } : { holder: by };
    },
    keep: async (holder, epoch, milliseconds) => (await run(KEEP, holder, epoch, milliseconds)) === 1,
    async release(holder, epoch) {
      await run(RELEASE, holder, epoch);
    },
  };
}
