import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenedTo } from '../../src/engine/callbacks.js';

// What callbacks do wrong ends the call, and nothing else.

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeEach(() => void process.on('unhandledRejection', note));
afterEach(async () => {
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

const wrong = new Error('mine');
interface Options {
  signal?: AbortSignal;
  onProgress?: (step: number) => unknown;
}

/** Ten steps, each of which can be ended. */
async function steps({ signal, onProgress }: Options): Promise<number> {
  let step = 0;
  for (; step < 10; step++) {
    signal?.throwIfAborted();
    onProgress?.(step);
    await new Promise(setImmediate);
  }
  return step;
}

describe('a callback', () => {
  test('that rejects ends the call before its next step', async () => {
    const seen: number[] = [];
    const onProgress = async (step: number) => {
      seen.push(step);
      if (step === 2) throw wrong;
    };
    await expect(listenedTo({ onProgress }, steps)).rejects.toBe(wrong);
    expect(seen).toEqual([0, 1, 2]);
  });

  test("that rejects with a promise of another library's ends it, too", async () => {
    // biome-ignore lint/suspicious/noThenProperty: that is what such a promise is.
    const onProgress = () => ({ then: (_: unknown, fail: (error: Error) => void) => fail(wrong) });
    await expect(listenedTo({ onProgress }, steps)).rejects.toBe(wrong);
  });

  test('that throws ends it at once', async () => {
    const onProgress = () => {
      throw wrong;
    };
    await expect(listenedTo({ onProgress }, steps)).rejects.toBe(wrong);
  });

  test('that rejects after the last step, even with nothing, ends it as well', async () => {
    const onProgress = async (step: number) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (step === 9) throw undefined;
    };
    await expect(listenedTo({ onProgress }, steps)).rejects.toBeUndefined();
  });

  test('that rejects after the call has failed by itself is not heard of', async () => {
    const onProgress = async () => {
      await new Promise(setImmediate);
      throw wrong;
    };
    const failing = listenedTo<Options, void>({ onProgress }, async (own) => {
      own.onProgress!(0);
      throw new Error('its own');
    });
    await expect(failing).rejects.toThrow('its own');
  });
});

test("the caller's signal ends it with its own reason, and is let go of", async () => {
  const stop = new AbortController();
  const onProgress = (step: number) => step === 3 && stop.abort(wrong);
  await expect(listenedTo({ signal: stop.signal, onProgress }, steps)).rejects.toBe(wrong);
  await expect(listenedTo({ signal: stop.signal }, steps)).rejects.toBe(wrong);
  await expect(listenedTo<Options, number>({}, steps)).resolves.toBe(10);
});
