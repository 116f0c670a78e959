/** A failed download: an unacceptable status, encoding, length or time, or no connection. */
export class DownloadError extends Error {
  override name = 'DownloadError';
}

export interface DownloadLimits {
  /** Bytes. */
  readonly bytes: number;
  /** Milliseconds from the call to the last byte. */
  readonly time: number;
}

/**
 * Fetches a whole body, within limits. The bot downloads files in no other way.
 *
 * Compressed bodies are neither requested nor accepted, so that the limit applies to the bytes that are kept. Redirects
 * are not followed, since they could lead to any host. The deadline does not rely on fetch's signal alone, which undici
 * only holds weakly once the headers have arrived (nodejs/undici, lib/web/fetch/request.js), so reading is raced
 * against it as well.
 *
 * @throws DownloadError
 */
export async function download(url: string, { bytes: limit, time }: DownloadLimits): Promise<Uint8Array> {
  const abort = new AbortController();
  let late!: (error: Error) => void;
  const deadline = new Promise<never>((_, reject) => {
    late = reject;
  });
  // It may reject when nothing is waiting for it.
  deadline.catch(() => {});
  const timer = setTimeout(() => {
    const error = new DownloadError(`It took longer than ${time} ms.`);
    late(error);
    abort.abort(error);
  }, time);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    const asked = fetch(url, { redirect: 'error', headers: { 'accept-encoding': 'identity' }, signal: abort.signal });
    const response = await Promise.race([asked, deadline]);
    reader = response.body?.getReader();
    check(response, limit);
    const chunks: Uint8Array[] = [];
    let length = 0;
    while (reader) {
      const { done, value } = await Promise.race([reader.read(), deadline]);
      if (done) break;
      length += value.length;
      if (length > limit) throw new DownloadError(`It has more than ${limit} bytes.`);
      chunks.push(value);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw error instanceof DownloadError ? error : new DownloadError(reasonOf(error), { cause: error });
  } finally {
    clearTimeout(timer);
    // Closes the connection if the body was not read to its end.
    reader?.cancel().catch(() => {});
    abort.abort();
  }
}

function check({ ok, status, headers }: Response, limit: number): void {
  if (!ok) throw new DownloadError(`The server answered with status ${status}.`);
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') throw new DownloadError(`It came packed with ${encoding}.`);
  const said = Number(headers.get('content-length'));
  if (said > limit) throw new DownloadError(`It has ${said} bytes, more than ${limit}.`);
}

/** fetch puts the reason for a failed connection into its error's cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
