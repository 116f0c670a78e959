import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { standbyMetrics } from '../../src/bot/ops/metrics.js';
import { packageRoot } from '../../src/package-root.js';

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');

/** Metrics that Easel has: those that it names itself, and those of any Node process. */
const metrics = readdirSync(join(packageRoot, 'src/bot/ops')).flatMap((file) =>
  [...read(`src/bot/ops/${file}`).matchAll(/'(easel_\w+)'/g)].map(([, name]) => name!),
);
const ofProcess = standbyMetrics()
  .registry.getMetricsAsArray()
  .map(({ name }) => name);
const known = new Set([...metrics, ...ofProcess].filter((name) => name !== 'easel_'));

/** Names of tables in PostgreSQL and other things that only begin the same way. */
const OTHERS = /^easel_(data|redis|postgres|painter-\d+)?$/;

test.each(['deploy/grafana.json', 'docs/operating.md', 'docs/more-machines.md'])(
  'every metric that %s names is one that there is',
  (path) => {
    const named = [...read(path).matchAll(/\beasel_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !known.has(name) && !OTHERS.test(name))).toEqual([]);
  },
);

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: { readonly expr: string }[];
}

test("the dashboard's panels ask for something, and none covers another", () => {
  const { panels } = JSON.parse(read('deploy/grafana.json')) as { panels: Panel[] };
  const empty = panels.filter(({ type, targets }) => type !== 'row' && !targets?.every(({ expr }) => expr.length > 0));
  expect(empty).toEqual([]);
  const taken = new Map<string, string>();
  for (const { title, gridPos } of panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.get(`${x},${y}`)).toBeUndefined();
        taken.set(`${x},${y}`, title);
      }
    }
  }
});
