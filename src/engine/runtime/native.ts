import type * as onnxruntime from 'onnxruntime-node';
import { EaselError } from '../errors.js';

export type OnnxRuntime = typeof onnxruntime;

let loaded: OnnxRuntime | undefined;

/**
 * ONNX Runtime's Node binding, loaded when it is first needed: the rest of the engine works without it.
 *
 * @throws EaselError if its native part is missing or does not run on this system.
 */
export async function onnxRuntime(): Promise<OnnxRuntime> {
  if (!loaded) {
    loaded = await import('onnxruntime-node').catch((cause) => {
      throw explain(cause);
    });
    // What matters is thrown as well; a provider that is not installed would write a red line for everybody.
    loaded.env.logLevel = 'fatal';
  }
  return loaded;
}

/** Why the binding does not load, and what to do. */
export function explain(cause: unknown, platform = `${process.platform}-${process.arch}`): EaselError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (platform === 'darwin-x64') {
    return new EaselError(
      'onnxruntime-node has no binary for Macs with Intel processors any more: run Easel in Docker.',
      {
        cause,
      },
    );
  }
  if (code === 'ERR_DLOPEN_FAILED') {
    const remedy = /GLIBC|GLIBCXX|musl|ld-linux/.test(message)
      ? 'Its C library is too old or is musl (Alpine): use Debian 12, Ubuntu 22.04 or newer, or their Docker images.'
      : 'On Windows install the Visual C++ redistributable; elsewhere delete node_modules and run `npm ci` again.';
    return new EaselError(`onnxruntime-node does not load on ${platform}: ${firstLine(message)}. ${remedy}`, { cause });
  }
  return new EaselError(
    `onnxruntime-node has no binary for ${platform} in node_modules (${firstLine(message)}). Delete node_modules and run \`npm ci\` again on this machine, not a copy from another.`,
    { cause },
  );
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/\.$/, '');
}
