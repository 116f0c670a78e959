import type * as onnxruntime from 'onnxruntime-node';
import { EaselError } from '../errors.js';

export type OnnxRuntime = typeof onnxruntime;

let loaded: OnnxRuntime | undefined;

/**
 * ONNX Runtime's Node binding, loaded when first needed: the rest of the engine works without it.
 *
 * @throws EaselError if its native part is missing or does not run on this system.
 */
export async function onnxRuntime(): Promise<OnnxRuntime> {
  if (!loaded) {
    quietRuntime();
    loaded = await import('onnxruntime-node').catch((cause) => {
      throw explain(cause);
    });
    // Errors are thrown as well; this only hides the red line about providers that are not installed.
    loaded.env.logLevel = 'fatal';
  }
  return loaded;
}

/**
 * Otherwise it reports each session to Microsoft, under an identifier kept in the user's cache folder (microsoft/onnxruntime#27379),
 * and leaves a log in the temporary folder.
 */
export function quietRuntime(): void {
  // biome-ignore lint/style/noProcessEnv: ONNX Runtime has no other switch that is in time.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}

/** Why the binding does not load. */
export function explain(cause: unknown, platform = `${process.platform}-${process.arch}`): EaselError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (platform === 'darwin-x64') {
    const message = 'onnxruntime-node no longer has a binary for Macs with Intel processors.';
    return new EaselError(message, { cause, code: 'runtimeIntelMac' });
  }
  if (code === 'ERR_DLOPEN_FAILED') {
    const failed = `onnxruntime-node does not load on ${platform}: ${firstLine(message)}.`;
    return /GLIBC|GLIBCXX|musl|ld-linux/.test(message)
      ? new EaselError(
          `${failed} The system's C library is too old or is musl (Alpine): use Debian 12, Ubuntu 22.04 or newer, or their Docker images.`,
          { cause },
        )
      : new EaselError(failed, { cause, code: 'runtimeUnloadable' });
  }
  return new EaselError(`onnxruntime-node has no binary for ${platform} here (${firstLine(message)}).`, {
    cause,
    code: 'runtimeMissing',
  });
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/\.$/, '');
}
