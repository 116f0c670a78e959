import { Worker } from 'node:worker_threads';
import type { ErrorCode } from '../errors.js';
import type { Adapter } from './adapter.js';
import { probe } from './probe.js';
import type { Provider } from './provider.js';
import { runOnce, type Trial, tryDevice } from './trial.js';

/** What the process that tries a device says, in this order. */
export type TrialWord =
  | { readonly reason: string; readonly code?: ErrorCode }
  | { readonly adapter: Adapter }
  /** Another graph has run. */
  | { readonly alive: true }
  | { readonly trial: Trial };

// The program of a process that tries a device: whatever a driver does, it does here. try-apart.ts starts it.
const [provider, headSize, parent] = process.argv.slice(2) as [Provider, string, string];

// A driver that hangs holds this thread; another one sees that whoever asked has gone.
new Worker(`setInterval(() => process.ppid !== ${Number(parent)} && process.kill(process.pid, 'SIGKILL'), 1000)`, {
  eval: true,
}).unref();

const say = (word: TrialWord) => new Promise((said) => process.send!(word, said));
const found = await probe(provider);
if ('reason' in found) {
  await say(found);
} else {
  await say({ adapter: found });
  const trial = await tryDevice(provider, Number(headSize), async (...graph) => {
    const outputs = await runOnce(...graph);
    await say({ alive: true });
    return outputs;
  });
  await say({ trial });
}
