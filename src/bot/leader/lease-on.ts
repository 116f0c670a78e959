import type { Backend } from '../storage/store.js';
import type { Lease } from './lease.js';
import { postgresLease } from './postgres-lease.js';
import { redisLease } from './redis-lease.js';

/** @throws RangeError for SQLite: no other bot could wait for its lock. */
export function leaseOn(backend: Backend): Lease {
  if (backend.kind === 'redis') return redisLease(backend.client);
  if (backend.kind === 'postgres') return postgresLease(backend.pool);
  throw new RangeError('SQLite is a store of one bot.');
}
