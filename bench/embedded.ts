import { openModel } from '../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../src/engine/embedded-model.js';
import type { Times } from './peers/peer.js';
import type { Embedded, Results } from './results.js';
import type { Row } from './rows.js';
import { type Place, startPeer } from './start-peer.js';

const STEPS = 20;
const REQUEST = { prompt: 'a red apple', steps: STEPS, scale: 4, sampler: 'ddim' } as const;

/** Easel first. */
const ROWS: readonly Row[] = [
  { name: 'Easel, float32', easel: { open: { precision: 'full' }, request: REQUEST }, gigabytes: 1 },
  { name: 'Easel, int8', easel: { open: { precision: 'int8' }, request: REQUEST }, gigabytes: 1 },
  { name: 'diffusers, float32', python: ['diffusers_peer.py', { dtype: 'float32', request: REQUEST }], gigabytes: 1 },
];

/** The model that ships, at its native size. Each round starts each program anew: the first picture counts. */
export async function embedded(
  place: Place,
  results: Results,
  { rounds, say }: { rounds: number; say: (text: string) => void },
): Promise<void> {
  const side = (await openModel(EMBEDDED_MODEL)).card.nativeSize;
  const all = ROWS.map((row) => ({
    row,
    first: [] as Times[],
    one: [] as Times[],
    four: [] as Times[],
    peaks: [] as number[],
    failed: '',
  }));
  for (let round = 0; round < rounds; round++) {
    for (const each of all) {
      if (each.failed) continue;
      const began = performance.now();
      try {
        const peer = startPeer(each.row, { ...place, model: EMBEDDED_MODEL });
        try {
          const paint = (count: number) => peer.order({ do: 'picture', count, side, steps: STEPS });
          const { cpu } = await paint(1);
          each.first.push({ wall: (performance.now() - began) / 1000, cpu });
          each.one.push(await paint(1));
          each.four.push(await paint(4));
          if (peer.peak) each.peaks.push(peer.peak);
          say(`${each.row.name}: one picture ${each.one.at(-1)!.wall.toFixed(2)} s`);
        } finally {
          await peer.close();
        }
      } catch (error) {
        each.failed = (error as Error).message;
        say(`${each.row.name}: ${each.failed}`);
      }
    }
  }
  results.embedded = all.map(({ row, peaks, failed, ...times }): Embedded => {
    return {
      name: row.name,
      ...times,
      ...(failed && { failed }),
      ...(peaks.length > 0 && { peak: Math.max(...peaks) }),
    };
  });
}
