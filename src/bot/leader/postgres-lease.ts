import type { Lease } from './lease.js';

interface Pool {
  query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

const TABLE = `CREATE TABLE IF NOT EXISTS easel_leader
  (id int PRIMARY KEY CHECK (id = 1), holder text NOT NULL, epoch bigint NOT NULL, until timestamptz NOT NULL)`;

/** Of two that create a table at once, one may be told that it, or its type, is there (manual, appendix A). */
const THERE_ALREADY = ['23505', '42P07', '42710'];

const TAKE = `INSERT INTO easel_leader AS known VALUES (1, $1, 1, clock_timestamp() + $2 * interval '1 millisecond')
  ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, epoch = known.epoch + 1, until = excluded.until
  WHERE known.until <= clock_timestamp() RETURNING epoch`;

const KEEP = `UPDATE easel_leader SET until = clock_timestamp() + $3 * interval '1 millisecond'
  WHERE holder = $1 AND epoch = $2`;

const RELEASE = 'UPDATE easel_leader SET until = clock_timestamp() WHERE holder = $1 AND epoch = $2';

/**
 * A row with a time, not one of PostgreSQL's own advisory locks: those end with their connection, which a pooler may
 * share, and which a machine that is cut off may keep for hours.
 */
export function postgresLease(connections: object): Lease {
  const pool = connections as Pool;
  let isThere: Promise<void> | undefined;
  const run = async (sql: string, ...values: unknown[]) => {
    isThere ??= create(pool).catch((error) => {
      isThere = undefined;
      throw error;
    });
    await isThere;
    return pool.query(sql, values);
  };
  return {
    async take(holder, milliseconds) {
      const { rows } = await run(TAKE, holder, milliseconds);
      if (rows[0]) return { epoch: Number(rows[0].epoch) };
      const known = await run('SELECT holder FROM easel_leader');
      return { holder: String(known.rows[0]?.holder) };
    },
    keep: async (holder, epoch, milliseconds) => (await run(KEEP, holder, epoch, milliseconds)).rowCount === 1,
    async release(holder, epoch) {
      await run(RELEASE, holder, epoch);
    },
  };
}

async function create(pool: Pool): Promise<void> {
  try {
    await pool.query(TABLE);
  } catch (error) {
    if (!THERE_ALREADY.includes((error as { code?: string }).code ?? '')) throw error;
  }
}
