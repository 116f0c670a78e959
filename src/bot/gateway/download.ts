/** A download that came to nothing: a status, an encoding, a length or a time that is not accepted, or no connection. */
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
 * Fetches a whole body, and never more of it than is allowed. This is the only way that the bot fetches a file.
 *
 * The body is asked for as it is and refused if it comes packed, so that bytes read are bytes kept: nothing is unpacked.
 * Nor is a redirect followed: it may lead to any host. The deadline does not rest on fetch's signal alone, which undici
 * holds weakly once the headers are there (nodejs/undici, lib/web/fetch/request.js): reading itself is raced against it.
 *
 * @throws DownloadError
 */
export async function download(url: string, { bytes: limit, time }: DownloadLimits): Promise<Uint8Array> {
  const abort = new AbortController();
  let late!: (error: Error) => void;
  const deadline = new Promise<never>((_, reject) => {
    late = reject;
  });
  // Nobody may be waiting for it at the moment that it passes.
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
    // Closes the connection of a body that was not read to its end; nothing comes of one that was.
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

/** What fetch says of a connection is in its error's cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
