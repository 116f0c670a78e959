import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Client } from 'discord.js';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { isConnected } from '../gateway/shards.js';
import type { Leader } from '../leader/leader.js';
import type { Jobs } from '../queue/jobs.js';
import { isOverApi, type Job } from '../request/job.js';
import { paintersMetrics } from './painter-metrics.js';
import { shardMetrics } from './shard-metrics.js';

export interface Observed {
  readonly jobs: Jobs;
  readonly client: Client;
  /** Of several bots. */
  readonly leader?: Pick<Leader, 'leads' | 'epoch'>;
}

export interface Metrics {
  readonly registry: Registry;
  stop(): void;
}

/** Seconds. */
const BUCKETS = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800];

/**
 * Metrics for operators, in Prometheus' format. None is labelled by user, guild or prompt, because that would be
 * neither private nor bounded.
 */
export function createMetrics({ jobs, client, leader }: Observed): Metrics {
  const registry = ofProcess(() => leader);
  const registers = [registry];

  const ended = new Counter({
    name: 'easel_jobs_total',
    help: 'Jobs by what became of them.',
    labelNames: ['state'],
    registers,
  });
  const overApi = new Counter({
    name: 'easel_api_jobs_total',
    help: 'Those of these jobs that came over the HTTP API.',
    labelNames: ['state'],
    registers,
  });
  const count = (state: string, job: Job) => {
    ended.inc({ state });
    if (isOverApi(job)) overApi.inc({ state });
  };
  const waited = new Histogram({
    name: 'easel_job_wait_seconds',
    help: 'From the request to the first step.',
    buckets: BUCKETS,
    registers,
  });
  const painted = new Histogram({
    name: 'easel_job_paint_seconds',
    help: 'From the first step to the pictures.',
    buckets: BUCKETS,
    registers,
  });
  const on = (event: 'queued' | 'failed' | 'cancelled' | 'delivered') =>
    jobs.events.on(event, (job: Job) => count(event, job));
  for (const event of ['queued', 'failed', 'cancelled', 'delivered'] as const) {
    ended.inc({ state: event }, 0);
    on(event);
  }
  ended.inc({ state: 'painted' }, 0);
  jobs.events.on('started', (_, seconds) => waited.observe(seconds));
  jobs.events.on('painted', (job, seconds) => {
    count('painted', job);
    painted.observe(seconds);
  });

  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('easel_queue_length', 'Jobs that wait or are being painted.', () => jobs.list().length);
  gauge('easel_undelivered', 'Jobs that ended and are not delivered yet.', () => jobs.undelivered);
  gauge('easel_painter_restarts', 'Times that the painter died or had grown too large.', () =>
    jobs.painters().reduce((sum, { restarts }) => sum + restarts, 0),
  );
  gauge('easel_gateway_ready', '1 while at least one shard is connected.', () => Number(isConnected(client)));
  shardMetrics(client, registry);
  paintersMetrics(jobs, registry);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  gauge('easel_event_loop_delay_p99_seconds', '99th percentile of the delay since it was last asked for.', () => {
    const p99 = delay.percentile(99) / 1e9;
    delay.reset();
    return Number.isFinite(p99) ? p99 : 0;
  });
  let invalid = 0;
  const warned = ({ count }: { count: number }) => {
    invalid = count;
  };
  client.rest.on('invalidRequestWarning', warned);
  gauge(
    'easel_rest_invalid_requests',
    'Requests that Discord refused in ten minutes, when last warned of; 10,000 bar the bot.',
    () => invalid,
  );
  return {
    registry,
    stop() {
      delay.disable();
      client.rest.off('invalidRequestWarning', warned);
    },
  };
}

/** Of a bot that waits until another ends. */
export function standbyMetrics(): Metrics {
  return { registry: ofProcess(() => ({ leads: false, epoch: 0 })), stop() {} };
}

/** Of any bot: its memory, its event loop, and whether it is the one that works. */
function ofProcess(leader: () => Observed['leader']): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'easel_' });
  new Gauge({
    name: 'easel_leader',
    help: '1 for the bot that works, 0 for one that stands by.',
    registers,
    collect() {
      this.set(Number(leader()?.leads ?? true));
    },
  });
  new Gauge({
    name: 'easel_leader_epoch',
    help: 'Grows each time that a standby takes over; 0 for a standby, and without STANDBY.',
    registers,
    collect() {
      this.set(leader()?.epoch ?? 0);
    },
  });
  return registry;
}
