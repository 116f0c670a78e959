import { EventEmitter } from 'node:events';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { paintersMetrics } from '../../../src/bot/ops/painter-metrics.js';
import type { JobEvents } from '../../../src/bot/queue/events.js';
import { aJob } from '../request.js';

test('painters elsewhere may be called anything, and the metrics stay bounded', async () => {
  const events = new EventEmitter<JobEvents>();
  const registry = new Registry();
  paintersMetrics({ events, painters: () => [] }, registry);
  for (let k = 0; k < 500; k++) events.emit('painted', aJob(), 2, `box-${k}`, 3);
  const text = await registry.metrics();
  expect(text.match(/^easel_painter_jobs_total\{/gm)).toHaveLength(33);
  expect(text).toContain('easel_painter_jobs_total{painter="box-0"} 1');
  expect(text).toContain('easel_painter_jobs_total{painter="other"} 468');
  expect(text).toContain('easel_painter_seconds_total{painter="other"} 936');
  expect(text).toContain('easel_painters{state="free"} 0');
});
