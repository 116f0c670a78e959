import { constants } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import type { ErrorCode } from '../errors.js';
import { encodeModel } from '../graph/onnx.js';
import { type Adapter, adapterOf } from './adapter.js';
import { onnxRuntime } from './native.js';
import { executionProvider, type Provider } from './provider.js';
import { providerLibrary } from './provider-library.js';

export interface Failed {
  readonly reason: string;
  readonly code?: ErrorCode;
}

/** Creates a session of one node on a provider. @returns its hardware, or why it does not work. */
export async function probe(provider: Provider): Promise<Adapter | Failed> {
  const { InferenceSession, Tensor } = await onnxRuntime();
  let session: InferenceSession | undefined;
  try {
    session = await InferenceSession.create(MODEL, {
      executionProviders: [executionProvider(provider)],
      logSeverityLevel: 4,
    });
    await session.run({ x: new Tensor('float32', Float32Array.of(1), [1]) });
    return adapterOf(provider);
  } catch (error) {
    return why(provider, (error as Error).message.split('\n', 1)[0]!.replace(/\.$/, ''));
  } finally {
    await session?.release();
  }
}

function why(provider: Provider, message: string): Failed {
  const library = providerLibrary(provider);
  const missing = library && /Failed to load (shared )?library/.test(message) && missingFor(library);
  if (missing) return { reason: `its library needs ${missing}, which was not found`, code: 'cudaIncomplete' };
  if (/No supported adapters/.test(message)) return { reason: 'no GPU with a driver for it was found' };
  // "/onnxruntime_src/...cc:136 Function(...) condition was false. What it means."
  return { reason: message.replace(/^\/.* was false\. /, '') };
}

/** ONNX Runtime does not say which library is missing; the linker does. */
function missingFor(library: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY);
    return undefined;
  } catch (error) {
    return /([^\s:]+): cannot open shared object file/.exec((error as Error).message)?.[1];
  }
}

const MODEL = encodeModel({
  name: 'probe',
  opsets: new Map([['', 21]]),
  inputs: [{ name: 'x', type: 'float32', shape: [1] }],
  outputs: [{ name: 'y', type: 'float32', shape: [1] }],
  nodes: [{ op: 'Add', domain: '', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }],
  initializers: [],
});
