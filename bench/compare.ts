import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeMemory } from '../src/engine/runtime/free-memory.js';
import type { Answer, Order, Peer, Times } from './peers/peer.js';
import type { Results } from './results.js';
import { cpu } from './results.js';
import { BASE, type Row } from './rows.js';
import { type Place, startPeer } from './start-peer.js';

/** Of the memory that is free, what is used: the files of the model are read through the rest. */
const SHARE = 0.7;

interface Loaded {
  readonly row: Row;
  readonly peer: Peer;
  readonly steps: [Times, Times][];
  readonly decodes: [Times, Times][];
  /** CPU seconds until the first step was over. */
  first?: number;
  noiseError?: number;
  pictureError?: number;
}

/**
 * A guided step and a decode at full size. The programs are loaded side by side, as many as there is memory for, always with
 * Easel in float32; in each round each takes one step, then the next round begins.
 */
export async function compare(
  rows: readonly Row[],
  place: Place,
  results: Results,
  { rounds, say, late }: { rounds: number; say: (text: string) => void; late: () => boolean },
): Promise<void> {
  const latent = results.side / 8;
  const step = { do: 'step', batch: 2, latent, tokens: 77 } as const;
  const decode = { do: 'decode', latent } as const;
  const base = await load(BASE);
  if (!base) return;
  try {
    for (let k = 0; k < rounds; k++) base.steps.push(await turn([], step));
    for (let k = 0; k < Math.max(1, rounds - 1); k++) base.decodes.push(await turn([], decode));
    keep(base);
    for (const group of groupsOf(rows)) {
      if (late()) {
        results.leftOut.push(`beside float32: ${group.map(({ name }) => name).join(', ')}, since the time was over`);
        continue;
      }
      const loaded = (await inTurn(group, load)).filter((each) => each !== undefined);
      const alive = new Set(loaded);
      try {
        for (let k = 0; k < rounds; k++) await turn(alive, step, k);
        for (let k = 0; k < Math.max(1, rounds - 1); k++) await turn(alive, decode, k);
      } finally {
        for (const each of loaded) await each.peer.close();
      }
      for (const each of alive) keep(each);
    }
  } finally {
    await base.peer.close();
    const order = [BASE, ...rows].map(({ name }) => name);
    results.compared.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }

  /** Opens it and takes a first step and a first decode, which are not counted. */
  async function load(row: Row): Promise<Loaded | undefined> {
    let peer: Peer | undefined;
    try {
      say(`${row.name}: loading`);
      peer = startPeer(row, place);
      const opened = await peer.order({ do: 'open' });
      if (opened.version) results.versions.add(opened.version);
      const out = (what: string) => join(place.scratch, `${what}-${row === BASE ? 'base' : 'own'}`);
      const loaded: Loaded = { row, peer, steps: [], decodes: [] };
      if (row.once) return loaded;
      const first = await peer.order({ ...step, out: out('noise') });
      loaded.first = opened.cpu + first.cpu;
      await peer.order({ ...decode, out: out('picture') });
      if (row === BASE) return loaded;
      const error = (what: string) => relativeError(out(what), join(place.scratch, `${what}-base`));
      // A ControlNet changes the noise, as it should.
      if (!row.easel?.controlled) loaded.noiseError = error('noise');
      // Another autoencoder paints another picture.
      if (!row.easel?.open?.vae) loaded.pictureError = error('picture');
      return loaded;
    } catch (error) {
      fail(row, error);
      await peer?.close();
      return undefined;
    }
  }

  /** One after the other; the base first. One that fails is out. @returns what the base took, twice. */
  async function turn(alive: Iterable<Loaded>, order: Order, round = 0): Promise<[Times, Times]> {
    const others = [...alive].filter(({ row }) => round === 0 || !row.once);
    const own = await base!.peer.order(order);
    tell(BASE, order, own);
    for (const each of others) {
      try {
        const took = await each.peer.order(order);
        tell(each.row, order, took);
        (order.do === 'step' ? each.steps : each.decodes).push([took, own]);
      } catch (error) {
        fail(each.row, error);
        (alive as Set<Loaded>).delete(each);
      }
    }
    return [own, own];
  }

  function tell({ name }: Row, { do: what }: Order, took: Answer): void {
    say(`${name}: a ${what} ${took.cpu.toFixed(2)} s CPU, ${took.wall.toFixed(2)} s`);
  }

  function fail({ name }: Row, error: unknown): void {
    say(`${name}: ${(error as Error).message}`);
    results.compared.push({ name, failed: (error as Error).message, steps: [], decodes: [] });
  }

  function keep({ row: { name }, peer, first, steps, decodes, noiseError, pictureError }: Loaded): void {
    const ready = first && Math.max(0, first - cpu(steps.map(([own]) => own)));
    results.compared.push({ name, steps, decodes, ready, peak: peer.peak, noiseError, pictureError });
  }
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

/** As many together as there is memory for beside the base. */
function groupsOf(rows: readonly Row[]): Row[][] {
  const room = (freeMemory() / 1e9) * SHARE;
  const groups: Row[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (used + row.gigabytes > room || row.once) {
      groups.push([]);
      used = 0;
    }
    groups.at(-1)!.push(row);
    used += row.gigabytes;
  }
  return groups;
}

function relativeError(got: string, want: string): number {
  const [a, b] = [got, want].map((file) => new Float32Array(new Uint8Array(readFileSync(file)).buffer)) as [
    Float32Array,
    Float32Array,
  ];
  let [difference, size] = [0, 0];
  for (const [i, value] of b.entries()) {
    difference += (a[i]! - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(difference / size);
}
