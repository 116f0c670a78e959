import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Config } from '../../config.js';
import { tryDataDir } from '../../data-dir.js';
import { EaselError } from '../../engine/errors.js';
import { isConnected } from '../gateway/shards.js';
import { FAILURES } from '../queue/fleet.js';
import type { Store } from '../storage/store.js';
import { createMetrics, type Metrics, type Observed, standbyMetrics } from './metrics.js';

interface HealthOptions extends Observed {
  readonly config: Pick<Config, 'dataDir' | 'healthHost' | 'healthPort'>;
  readonly store: Store;
}

/** What is answered at `/readyz`: everything that is missing. */
type Missing = () => string[] | Promise<string[]>;

/**
 * For service managers and monitoring: `/healthz` says that the process is alive, `/readyz` that it can work (503 with
 * what is missing if not), `/metrics` has the numbers. Listens on loopback unless configured otherwise.
 */
export class Health implements AsyncDisposable {
  private constructor(
    private readonly server: ServerType,
    private readonly stopMetrics: () => void,
    /** The address it listens on. */
    readonly url: string,
  ) {}

  /** @throws EaselError if the address is in use or not this machine's. */
  static listen(options: HealthOptions): Promise<Health> {
    return Health.#serve(options.config, createMetrics(options), () => whatIsMissing(options));
  }

  /** For a bot that waits until another ends. @param leader for people. @throws as listen. */
  static standBy(config: HealthOptions['config'], leader: () => string): Promise<Health> {
    return Health.#serve(config, standbyMetrics(), () => [`standby: the leader is ${leader()}`]);
  }

  static async #serve(
    { healthHost: hostname, healthPort: port }: HealthOptions['config'],
    { registry, stop }: Metrics,
    lacks: Missing,
  ): Promise<Health> {
    const app = new Hono()
      .get('/healthz', (c) => c.text('ok\n'))
      .get('/readyz', async (c) => {
        const missing = await lacks();
        return missing.length === 0 ? c.text('ready\n') : c.text(`${missing.join('\n')}\n`, 503);
      })
      .get('/metrics', async (c) => c.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType }));
    return new Promise((resolve, reject) => {
      const server = serve({ fetch: app.fetch, hostname, port }, ({ address, port, family }: AddressInfo) =>
        resolve(new Health(server, stop, `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`)),
      );
      server.once('error', (cause: NodeJS.ErrnoException) => {
        stop();
        reject(
          new EaselError(
            `The health endpoint cannot listen on ${hostname}:${port} (${cause.code}). Set HEALTH_HOST and HEALTH_PORT.`,
            { cause },
          ),
        );
      });
    });
  }

  close(): Promise<void> {
    this.stopMetrics();
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      // Scrapers keep connections open; closing must not wait for them.
      if ('closeAllConnections' in this.server) this.server.closeAllConnections();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function whatIsMissing({ client, store, jobs, config, leader }: HealthOptions): Promise<string[]> {
  const fine = (done: Promise<void>) =>
    done.then(
      () => true,
      () => false,
    );
  const painters = jobs.painters();
  const failing = painters.filter(({ failures }) => failures >= FAILURES);
  const checks: [boolean, string][] = [
    [isConnected(client), 'not connected to the gateway'],
    [await fine(store.ping()), 'the store cannot be reached or written'],
    [await fine(tryDataDir(config.dataDir)), 'DATA_DIR cannot be written'],
    [jobs.noPainter === null, jobs.noPainter ?? ''],
    ...failing.map(({ name, failures }): [boolean, string] => [
      failing.length < painters.length,
      `${name} failed ${failures} times in a row`,
    ]),
    [leader?.leads !== false, 'another bot leads'],
    [!jobs.stopping, 'stopping'],
  ];
  return checks.flatMap(([fine, what]) => (fine ? [] : [what]));
}
