import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { EaselError, EMBEDDED_MODEL, RequestError, StableDiffusion } from '../../../src/engine/index.js';
import { openNetwork } from '../../../src/engine/runtime/network.js';

/** Threads that were started. */
let started: Worker[] = [];
const onWorker = (worker: Worker) => void started.push(worker);
beforeEach(() => {
  started = [];
  process.on('worker', onWorker);
});
afterEach(() => void process.off('worker', onWorker));

/** Multiplies a matrix by itself `times` times, one after another: the sum of what comes out. */
async function power() {
  const g = new GraphBuilder('power', new Map());
  const x = g.input('x', 'float32', [256, 256]);
  const times = g.input('times', 'int64', [1]);
  const sums = g.repeat(times, 0, () => g.op('ReduceSum', [g.op('MatMul', [x, x])], { keepdims: 0 }));
  g.output('sum', g.op('ReduceSum', [sums], { keepdims: 0 }), []);
  return g.finish();
}
const feeds = (times: number) => ({
  x: { data: Float32Array.from({ length: 256 ** 2 }, (_, k) => Math.sin(k)), shape: [256, 256] },
  times: { data: Int32Array.of(times), shape: [1] },
});
const ONE = { device: 'cpu', threads: 1 } as const;
const LORAS = { loras: ['test/fixtures/lora'] };
/** Longer than whatever else happens in a test. */
const LONG = 200;

/** More than any machine has. */
async function hungry() {
  const g = new GraphBuilder('hungry', new Map());
  const shape = g.input('shape', 'int64', [2]);
  g.output('zeros', g.op('ConstantOfShape', [shape]), ['a', 'b']);
  return g.finish();
}

describe('a model in a thread of its own', () => {
  test('paints the same bytes as in this one', async () => {
    const paint = async (worker: boolean) => {
      await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { ...ONE, ...LORAS, worker });
      const alike = { prompt: ['a red apple', 'two green (apples:1.3)'], steps: 2, seed: 1 };
      const request = { ...alike, width: 64, height: 64 };
      const first = await sd.txt2img(request);
      // Other keys and values, and the ones before again.
      const second = await sd.txt2img({ ...request, prompt: 'a fox' });
      const third = await sd.img2img({ ...alike, image: first[0]!.pixels, strength: 0.9 });
      const fourth = await sd.txt2img({ ...request, prompt: 'a cat <lora:kohya:0.8>' });
      return [...first, ...second, ...third, ...fourth].map(({ pixels }) => pixels.data);
    };
    expect(await paint(true)).toEqual(await paint(false));
    expect(started).toHaveLength(1);
  });

  test('shares the thread with whatever else is open on the device, and the last to be closed ends it', async () => {
    const sd = await StableDiffusion.open(EMBEDDED_MODEL, ONE);
    await using network = await openNetwork(power, ONE);
    await network.run(feeds(1));
    await sd.close();
    await network.run(feeds(1));
    const [thread] = started;
    expect(started).toHaveLength(1);
    const ended = once(thread!, 'exit');
    await network.release();
    expect(await ended).toEqual([0]);
  });

  test('is closed before it has computed anything', async () => {
    const sd = await StableDiffusion.open(EMBEDDED_MODEL, ONE);
    const ended = once(started[0]!, 'exit');
    await sd.close();
    expect(await ended).toEqual([0]);
  });

  test('says in the sentence of this one what is wrong with a graph, and with a request', async () => {
    const told = async (worker: boolean) => {
      await using broken = await openNetwork(Uint8Array.of(1, 2, 3), { ...ONE, worker, name: 'tagger' });
      await using greedy = await openNetwork(hungry, { ...ONE, worker });
      const memory = greedy.run({ shape: { data: Int32Array.of(2 ** 30, 2 ** 20), shape: [2] } });
      const errors = [await broken.run({}).catch((error) => error), await memory.catch((error) => error)];
      return errors.map(({ name, message, cause, meaning }) => [name, message, cause.message, meaning]);
    };
    const [graph, memory] = await told(true);
    expect(graph).toEqual([
      'CheckpointError',
      expect.stringMatching(/^tagger cannot be loaded: /),
      expect.anything(),
      undefined,
    ]);
    expect(memory![3]).toEqual({ code: 'memory', values: {} });
    expect([graph, memory]).toEqual(await told(false));
  });
});

test('a LoRA that cannot be merged is the same error from a thread', async () => {
  const told = async (worker: boolean) => {
    await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { ...ONE, ...LORAS, worker });
    const error = await sd.txt2img({ prompt: 'a cat <lora:kohya:99999999999>', steps: 1 }).catch((error) => error);
    expect(error).toBeInstanceOf(RequestError);
    return [error.message, error.meaning];
  };
  expect(await told(true)).toEqual(await told(false));
});

describe('a run in a thread', () => {
  test('leaves this one its turns', async () => {
    const turns = async (worker: boolean) => {
      await using network = await openNetwork(power, { ...ONE, worker });
      await network.run(feeds(1));
      let count = 0;
      let running = true;
      const run = network.run(feeds(LONG)).finally(() => {
        running = false;
      });
      for (; running; count++) await turn();
      await run;
      return count;
    };
    expect(await turns(false)).toBeLessThan(20);
    expect(await turns(true)).toBeGreaterThan(100);
  });

  test('is not waited for by whoever aborts it; the next one is computed after it', async () => {
    await using network = await openNetwork(power, ONE);
    const { sum } = await network.run(feeds(1));
    const stop = new AbortController();
    const events: string[] = [];
    const aborted = network.run(feeds(LONG), { signal: stop.signal }).catch((error) => events.push(error.message));
    const next = network.run(feeds(1)).then((found) => {
      events.push('next');
      return found;
    });
    // The thread computes, if it has been asked to.
    await turn();
    await turn();
    stop.abort(new Error('That is enough.'));
    await aborted;
    expect(events).toEqual(['That is enough.']);
    expect((await next).sum!.data).toEqual(sum!.data);
    await expect(network.run(feeds(1), { signal: stop.signal })).rejects.toThrow('That is enough.');
  });

  test('that the thread does not survive is an error for whoever runs the program, and the next one has a new thread', async () => {
    await using network = await openNetwork(power, ONE);
    const { sum } = await network.run(feeds(1));
    // As when its heap is full; between two runs, since ONNX Runtime's binding cannot be stopped.
    await started[0]!.terminate();
    const error = await network.run(feeds(1)).catch((error) => error);
    expect(error).toBeInstanceOf(EaselError);
    expect(error).not.toBeInstanceOf(RequestError);
    expect(error.message).toMatch(/^The thread that computes has ended \(exit code 1\)\. Try again\.$/);
    expect((await network.run(feeds(1))).sum!.data).toEqual(sum!.data);
    expect(started).toHaveLength(2);
  });
});

test('a picture that is aborted is not waited for, not even for its step; what comes next is painted', async () => {
  await using sd = await StableDiffusion.open(EMBEDDED_MODEL, ONE);
  const stop = new AbortController();
  const steps: number[] = [];
  const painting = sd.txt2img(
    { prompt: 'a house', steps: 20, seed: 1 },
    {
      signal: stop.signal,
      onProgress: ({ step }) => {
        steps.push(step);
        if (step === 2) setTimeout(() => stop.abort(new Error('That is enough.')), 1);
      },
    },
  );
  await expect(painting).rejects.toThrow('That is enough.');
  const [picture] = await sd.txt2img({ prompt: 'a house', steps: 1, width: 64, height: 64, seed: 1 });
  expect(picture!.pixels.width).toBe(64);
  expect(steps.at(-1)).toBe(2);
});
