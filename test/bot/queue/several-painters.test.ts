import sharp from 'sharp';
import { expect, test } from 'vitest';
import {
  type Attempt,
  type JobPainter,
  type PaintCall,
  PainterAway,
  PainterDied,
} from '../../../src/bot/painter/job-painter.js';
import type { Painted } from '../../../src/bot/painter/messages.js';
import type { Job } from '../../../src/bot/request/job.js';
import type { PaintRequest } from '../../../src/bot/request/paint-request.js';
import { FixedPainters } from '../painter/fixed-painters.js';
import { aJob } from '../request.js';
import { open } from './open-jobs.js';

const picture = { png: new Uint8Array(8), width: 64, height: 64, seed: 1, flagged: false };
const painted: Painted = { pictures: [picture], notices: [] };

/** A painter that does as it is told, job by job. */
class Told implements JobPainter {
  readonly host = 'attic';
  busyWith: Attempt | null = null;
  /** Ids of the jobs that it was given. */
  readonly given: string[] = [];
  #answers: ((error?: Error, painted?: Partial<Painted>) => void)[] = [];

  /** @param models that it has; none: any. */
  constructor(
    readonly name: string,
    private readonly models: readonly string[] = [],
  ) {}

  has(model: string): boolean {
    return this.models.length === 0 || this.models.includes(model);
  }

  paint(_: PaintRequest, { job, onBegun, signal }: PaintCall): Promise<Painted> {
    this.given.push(job!.id);
    onBegun?.();
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#answers.push((error, more) => (error ? reject(error) : resolve({ ...painted, ...more })));
    });
  }

  /** Ends its oldest job. */
  async end(error?: Error, more?: Partial<Painted>): Promise<void> {
    await expect.poll(() => this.#answers.length).toBeGreaterThan(0);
    this.#answers.shift()!(error, more);
  }

  /** Paints all that it is given from now on. */
  paintAll(): void {
    this.paint = async (_, { job }) => {
      this.given.push(job!.id);
      return painted;
    };
  }
}

const died = () => new PainterDied('It was killed.');

async function started(painters: FixedPainters, times = {}) {
  const queue = await open({ painters, times: { rest: 60_000, patience: 60_000, ...times } });
  queue.jobs.start(queue.deliver);
  const submit = async (guildId: string, request: Partial<PaintRequest> = {}): Promise<Job> => {
    const job = aJob({ guildId }, request);
    await queue.jobs.submit(job);
    return job;
  };
  const state = (name: string) => queue.jobs.painters().find((painter) => painter.name === name)!;
  return { ...queue, submit, state };
}

test('what a painter has from before a restart of the bot stays with it, and others get what waits', async () => {
  const [p, q] = [new Told('p'), new Told('q')];
  const { jobs, deliver } = await open({ painters: new FixedPainters(p, q) });
  const [next, had] = [aJob({ guildId: 'a' }), aJob({ guildId: 'b' })];
  for (const job of [next, had]) await jobs.submit(job);
  p.busyWith = had;
  jobs.start(deliver);
  await expect.poll(() => [p.given, q.given]).toEqual([[had.id], [next.id]]);
});

test('a job whose painter goes away uses no attempt, and is painted elsewhere before all others', async () => {
  const [p, q] = [new Told('p'), new Told('q')];
  const painters = new FixedPainters(p);
  const { jobs, submit, settled, delivered } = await started(painters);
  const [first, second, third] = [await submit('a'), await submit('b'), await submit('c')];
  for (let k = 0; k < 4; k++) {
    await p.end(new PainterAway('It was stopped.'));
    await expect.poll(() => p.given).toHaveLength(k + 2);
  }
  expect(new Set(p.given)).toEqual(new Set([first.id]));
  painters.become();
  await p.end(new PainterAway('It was stopped.'));
  await expect.poll(() => jobs.ticket(first.id)?.position).toBe(1);
  q.paintAll();
  painters.become(q);
  await settled();
  expect(q.given).toEqual([first.id, second.id, third.id]);
  expect(first.attempts).toBe(0);
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['painted', 'painted', 'painted']);
});

test('a job on which a painter died is tried once more, by another; two deaths are its end', async () => {
  const [p, q, r] = [new Told('p'), new Told('q'), new Told('r')];
  const { submit, settled, delivered } = await started(new FixedPainters(p, q, r));
  const killer = await submit('a');
  await p.end(died());
  await expect.poll(() => q.given).toEqual([killer.id]);
  await q.end(died());
  await settled();
  expect(killer.attempts).toBe(2);
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['failed']);
  expect([p, q, r].flatMap(({ given }) => given)).toEqual([killer.id, killer.id]);
});

test('a painter that fails three times in a row rests, and says so; the others go on, and later it does', async () => {
  const [bad, good] = [new Told('bad'), new Told('good')];
  const painters = new FixedPainters(bad);
  const { jobs, submit, settled, state } = await started(painters, { rest: 1500 });
  for (let k = 0; k < 3; k++) {
    await submit('a', { model: `m${k}` });
    expect(state('bad').state).toBe('busy');
    await bad.end(new Error('no such GPU'));
    await settled();
    expect(state('bad').failures).toBe(k + 1);
  }
  expect(state('bad')).toMatchObject({ host: 'attic', state: 'resting' });
  expect(state('bad').restSeconds).toBeGreaterThan(0);
  const [held, other] = [await submit('a'), await submit('b')];
  expect(jobs.ticket(held.id)?.position).toBe(1);
  expect(bad.given).toHaveLength(3);
  painters.become(bad, good);
  await expect.poll(() => good.given).toEqual([held.id]);
  // By now it has rested.
  await expect.poll(() => bad.given.at(-1)).toBe(other.id);
  await Promise.all([bad.end(), good.end()]);
  await settled();
  expect(state('bad')).toMatchObject({ state: 'free', failures: 0, pictures: 1 });
});

test('jobs that were in a painter together when it died count as one failure, and a broken model as none', async () => {
  const p = Object.assign(new Told('p'), { batch: 4 });
  const { submit, settled, state } = await started(new FixedPainters(p));
  for (let k = 0; k < 3; k++) await submit('a');
  await expect.poll(() => p.given).toHaveLength(3);
  const together = [died(), died(), died()];
  await Promise.all(together.map((error) => p.end(error)));
  await expect.poll(() => p.given).toHaveLength(4);
  expect(state('p').failures).toBe(1);
  p.paintAll();
  await p.end();
  await settled();
  const broken = new Told('q');
  const other = await started(new FixedPainters(broken));
  for (let k = 0; k < 3; k++) {
    await other.submit('a');
    await broken.end(Object.assign(new Error('not a model'), { name: 'CheckpointError' }));
    await other.settled();
  }
  expect(other.state('q')).toMatchObject({ failures: 0, state: 'free' });
});

test('while no painter lives jobs wait and have places; the first that comes paints them in order', async () => {
  const painters = new FixedPainters();
  const { jobs, submit, settled } = await started(painters);
  expect(jobs.noPainter).toBe('no painter lives');
  const all = [await submit('a'), await submit('b'), await submit('c')];
  expect(all.map(({ id }) => jobs.ticket(id)?.position)).toEqual([1, 2, 3]);
  expect(jobs.painters()).toEqual([]);
  const p = new Told('p');
  p.paintAll();
  painters.become(p);
  expect(jobs.noPainter).toBeNull();
  await settled();
  expect(p.given).toEqual(all.map(({ id }) => id));
});

test('a request for a model that no living painter has is refused at once', async () => {
  const { submit, jobs } = await started(new FixedPainters(new Told('p', ['one']), new Told('q', ['one', 'two'])));
  await expect(submit('a', { model: 'three' })).rejects.toMatchObject({ key: 'modelAway', values: { model: 'three' } });
  expect(jobs.unfinished()).toEqual([]);
});

test('a job whose painters have all gone is given up after a while, unless one comes back', async () => {
  const [one, two] = [new Told('p', ['one']), new Told('q', ['two'])];
  const painters = new FixedPainters(one, two);
  const { jobs, submit, delivered } = await started(painters, { patience: 200 });
  const busy = await submit('a', { model: 'two' });
  const waits = await submit('b', { model: 'two' });
  painters.become(one);
  painters.become(one, two);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(jobs.ticket(waits.id)?.position).toBe(1);
  painters.become(one);
  await expect.poll(() => delivered.map(({ job }) => job.id)).toEqual([waits.id]);
  expect(delivered[0]!.outcome).toMatchObject({
    kind: 'failed',
    meaning: { code: 'modelAway', values: { model: 'two' } },
  });
  await two.end();
  await expect.poll(() => delivered.at(-1)!.job.id).toBe(busy.id);
});

test('a ControlNet or an upscaler is needed as much as the model is', async () => {
  const bare = new Told('bare', ['one']);
  const rich = new Told('rich', ['one', 'ControlNet lines', 'upscaler sharp']);
  const painters = new FixedPainters(bare, rich);
  const { submit, delivered, pictures } = await started(painters, { patience: 200 });
  const create = { width: 64, height: 64, channels: 3, background: '#c02020' } as const;
  const image = await pictures.put(await sharp({ create }).png().toBuffer());
  const control = { model: 'one', control: { kind: 'canny', net: 'lines', image, weight: 1 } } as const;
  const enlarge = { model: 'one', kind: 'upscale', upscaler: 'sharp', source: image } as const;
  const first = await submit('a', control);
  const [second, third] = [await submit('b', enlarge), await submit('c', { model: 'one' })];
  await expect.poll(() => bare.given).toEqual([third.id]);
  await rich.end();
  await expect.poll(() => rich.given).toEqual([first.id, second.id]);
  const left = await submit('d', control);
  painters.become(bare);
  await expect(submit('e', enlarge)).rejects.toMatchObject({ key: 'modelAway', values: { model: 'upscaler sharp' } });
  await expect.poll(() => delivered.map(({ job }) => job.id)).toContain(left.id);
  expect(delivered.find(({ job }) => job.id === left.id)!.outcome).toMatchObject({
    meaning: { code: 'modelAway', values: { model: 'ControlNet lines' } },
  });
});

test('positions count only what the same painters have to paint first', async () => {
  const { jobs, submit } = await started(new FixedPainters(new Told('p', ['one']), new Told('q', ['two'])));
  const all: Job[] = [];
  for (const model of ['one', 'two', 'one', 'two', 'two', 'one']) all.push(await submit(`g${all.length}`, { model }));
  expect(all.map(({ id }) => jobs.ticket(id)?.position)).toEqual([0, 0, 1, 1, 2, 2]);
});

test('each painter is known by its own pace, by its own clock, over a restart too', async () => {
  const [slow, fast] = [new Told('slow'), new Told('fast')];
  const first = await started(new FixedPainters(slow, fast));
  const by: [string, number][] = [];
  first.jobs.events.on('painted', (_, seconds, painter) => by.push([painter, seconds]));
  const paintBoth = async () => {
    for (const guild of ['a', 'b']) await first.submit(guild, { steps: 10 });
    await slow.end(undefined, { seconds: 100 });
    await fast.end(undefined, { seconds: 10, by: 'fast' });
    await first.settled();
  };
  for (let k = 0; k < 8; k++) await paintBoth();
  expect(new Map(by)).toEqual(
    new Map([
      ['slow', 100],
      ['fast', 10],
    ]),
  );
  expect(first.state('slow')).toMatchObject({ secondsPerPicture: 100, pictures: 8 });
  await first.close();
  const again = await started(new FixedPainters(new Told('slow'), new Told('fast')), {});
  expect(again.jobs.estimate(aJob({}, { steps: 10 }).request)).toBeNull();
  const same = await open({ ...first, painters: new FixedPainters(new Told('slow'), new Told('fast')) });
  same.jobs.start(same.deliver);
  const jobs = [
    aJob({ guildId: 'a' }, { steps: 10 }),
    aJob({ guildId: 'b' }, { steps: 10 }),
    aJob({ guildId: 'c' }, { steps: 10 }),
  ];
  for (const job of jobs) await same.jobs.submit(job);
  // The fast one is taken first, and is the first that is free again.
  const [onFast, onSlow, next] = jobs.map(({ id }) => same.jobs.ticket(id)!.secondsLeft!);
  expect(onFast).toBeCloseTo(10, 0);
  expect(onSlow).toBeCloseTo(100, 0);
  expect(next).toBeCloseTo(20, 0);
});
