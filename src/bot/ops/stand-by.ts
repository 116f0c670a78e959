import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { thisHolder } from '../leader/holder.js';
import { Leader } from '../leader/leader.js';
import { leaseOn } from '../leader/lease-on.js';
import type { Store } from '../storage/store.js';
import { Health } from './health.js';

/**
 * Waits until no other bot leads, and from then on lets nothing through to the store if one does. Meanwhile it answers
 * to monitoring that it stands by.
 *
 * @throws EaselError if the other bot has another DATA_DIR, or the address for monitoring is taken.
 */
export async function standBy(config: Config, store: Store, log: Logger): Promise<Leader> {
  const { backend, where } = store;
  let waitsFor = 'not known yet';
  const health = await Health.standBy(config, () => waitsFor);
  try {
    const holder = await thisHolder(config.dataDir);
    const leader = await Leader.wait({ lease: leaseOn(backend), holder, where, log }, (other) => {
      waitsFor = other;
    });
    store.fence = leader.assert;
    log.info({ epoch: leader.epoch }, 'this bot leads');
    return leader;
  } finally {
    await health.close();
  }
}
