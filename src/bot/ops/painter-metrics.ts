import { Counter, Gauge, type Registry } from 'prom-client';
import type { Jobs } from '../queue/jobs.js';

/** Most painters with a name of their own: names of painters elsewhere are up to whoever starts them. */
const NAMED = 32;
const STATES = ['free', 'busy', 'resting'] as const;

/** How many painters there are, and what each does. */
export function paintersMetrics(jobs: Pick<Jobs, 'painters' | 'events'>, registry: Registry): void {
  const registers = [registry];
  const names = new Set<string>();
  const labelOf = (name: string) => {
    if (names.size < NAMED) names.add(name);
    return names.has(name) ? name : 'other';
  };
  new Gauge({
    name: 'easel_painters',
    help: 'Living painters by what they do; resting ones kept failing and get no jobs for a minute.',
    labelNames: ['state'],
    registers,
    collect() {
      const painters = jobs.painters();
      for (const state of STATES) this.set({ state }, painters.filter((painter) => painter.state === state).length);
    },
  });
  new Gauge({
    name: 'easel_painter_failures',
    help: 'Failures in a row, by painter.',
    labelNames: ['painter'],
    registers,
    collect() {
      this.reset();
      for (const { name, failures } of jobs.painters()) this.set({ painter: labelOf(name) }, failures);
    },
  });
  const painted = new Counter({
    name: 'easel_painter_jobs_total',
    help: 'Jobs that were painted, by painter.',
    labelNames: ['painter'],
    registers,
  });
  const seconds = new Counter({
    name: 'easel_painter_seconds_total',
    help: 'Seconds that painting them took, by painter.',
    labelNames: ['painter'],
    registers,
  });
  jobs.events.on('painted', (_, took, name) => {
    const painter = labelOf(name);
    painted.inc({ painter });
    seconds.inc({ painter }, took);
  });
}
