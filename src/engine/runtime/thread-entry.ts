import { parentPort, workerData } from 'node:worker_threads';
import { Serial } from '../serial.js';
import { onnxRuntime } from './native.js';
import { HERE, type NativeFeed, type NativeSession } from './native-session.js';
import { type Answer, type Call, COMPUTING, EXITING, type SentFeed, sent } from './thread-messages.js';

/** The program of a thread that computes: it creates sessions, runs and releases them, and knows nothing else. */
const port = parentPort!;
const state = workerData as Int32Array;

interface Opened {
  readonly session: NativeSession;
  /** Feeds that are not sent again. */
  readonly kept: Map<string, NativeFeed>;
}

const opened = new Map<number, Opened>();

/** A thread that is stopped inside ONNX Runtime's binding takes the process down: whoever exits waits for the end of this. */
async function undisturbed<T>(compute: () => Promise<T>): Promise<T> {
  Atomics.store(state, COMPUTING, 1);
  try {
    if (Atomics.load(state, EXITING) === 0) return await compute();
  } finally {
    Atomics.store(state, COMPUTING, 0);
    Atomics.notify(state, COMPUTING);
  }
  return new Promise(() => {});
}

async function answer(call: Call): Promise<{ value: unknown; transfer?: ArrayBuffer[] }> {
  switch (call.do) {
    case 'create': {
      const session = await HERE.create(call.model, call.options);
      opened.set(call.session, { session, kept: new Map() });
      return { value: { inputs: session.inputs, outputs: session.outputs } };
    }
    case 'run': {
      const { session, kept } = opened.get(call.session)!;
      const feeds = Object.entries(call.feeds).map(([name, feed]) => [name, whole(kept, name, feed)]);
      const value = await session.run(Object.fromEntries(feeds), call.outputs);
      const buffers = Object.values(value).map(({ data }) => (data as Float32Array).buffer as ArrayBuffer);
      return { value, transfer: buffers };
    }
    case 'release': {
      const { session } = opened.get(call.session)!;
      opened.delete(call.session);
      await session.release();
      return { value: null };
    }
    case 'update': {
      const value = await HERE.update(call.updates);
      return { value, transfer: value.flatMap(({ bytes }) => (bytes ? [bytes.buffer as ArrayBuffer] : [])) };
    }
  }
}

/** The feed itself, or the last one of its name that was kept. */
function whole(kept: Map<string, NativeFeed>, name: string, feed: SentFeed): NativeFeed {
  if (feed === 'kept') return kept.get(name)!;
  if (feed.kept) kept.set(name, feed);
  return feed;
}

function post(answer: Answer, transfer: ArrayBuffer[] = []): void {
  try {
    port.postMessage(answer, transfer);
  } catch {
    // Memory that ONNX Runtime keeps as its own, as versions to come may, cannot be handed over: it is copied.
    port.postMessage(answer);
  }
}

/** The port gives out messages while a call is awaited. */
const calls = new Serial();
// It fails again, and is heard, when a session is created.
calls.run(() => undisturbed(onnxRuntime)).catch(() => {});
port.on('message', async (call: Call | 'end') => {
  if (call === 'end') {
    await calls.settled();
    port.close();
    return;
  }
  await calls.run(async () => {
    try {
      const { value, transfer } = await undisturbed(() => answer(call));
      post({ id: call.id, value }, transfer);
    } catch (error) {
      post({ id: call.id, error: sent(error) });
    }
  });
});
