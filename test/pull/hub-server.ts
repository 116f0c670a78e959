import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const COMMIT = '451f4fe16113bff5a5d2269ed5ad43b0592e9a14';

/** What a test lets a host do with one request, by its path; true if it has answered. */
export type Fault = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

export interface Repo {
  files: Record<string, Buffer>;
  card?: Record<string, unknown>;
  gated?: boolean;
}

/**
 * The Hub as huggingface.co speaks: model information, the listing, and files that redirect to a CDN on another port, which
 * knows ranges and ETags. A token is `hf_good` (may everything), `hf_stranger` (has not agreed to terms) or wrong.
 */
export class HubServer {
  readonly repos: Record<string, Repo> = {};
  /** Every request: host, path, and the headers that matter. */
  readonly seen: { host: 'hub' | 'cdn'; method: string; path: string; headers: IncomingMessage['headers'] }[] = [];
  hubFault: Fault = () => false;
  cdnFault: Fault = () => false;
  readonly #servers: Server[] = [];

  static async start(): Promise<HubServer> {
    const hub = new HubServer();
    for (const host of ['hub', 'cdn'] as const) {
      const server = createServer((request, response) => hub.#answer(host, request, response));
      hub.#servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#servers[0]!.address() as AddressInfo).port}`;
  }

  get cdn(): string {
    return `http://127.0.0.1:${(this.#servers[1]!.address() as AddressInfo).port}`;
  }

  /** Requests for a file's bytes. */
  get fetched(): string[] {
    return this.seen
      .filter(({ host }) => host === 'cdn')
      .map(({ path, headers }) => `${path} ${headers.range ?? 'all'}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #answer(host: 'hub' | 'cdn', request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, 'http://x');
    const path = decodeURIComponent(url.pathname);
    this.seen.push({ host, method: request.method!, path, headers: request.headers });
    response.on('error', () => {});
    if ((host === 'hub' ? this.hubFault : this.cdnFault)(request, response, path)) return;
    if (host === 'hub') this.#hub(url, path, request, response);
    else this.#file(path, request, response);
  }

  #hub(url: URL, path: string, request: IncomingMessage, response: ServerResponse): unknown {
    const token = request.headers.authorization?.replace('Bearer ', '');
    const fail = (status: number, code: string | undefined, error: string) => {
      response.writeHead(status, { 'content-type': 'application/json', ...(code && { 'x-error-code': code }) });
      response.end(JSON.stringify({ error }));
    };
    if (token !== undefined && token !== 'hf_good' && token !== 'hf_stranger')
      return fail(401, undefined, 'Invalid credentials in Authorization header');
    const [, name = '', rest = ''] = /^(?:\/api\/models)?\/([\w.-]+\/[\w.-]+)(.*)$/s.exec(path) ?? [];
    const repo = this.repos[name];
    if (!repo)
      return token
        ? fail(404, 'RepoNotFound', 'Repository not found')
        : fail(401, 'RepoNotFound', 'Invalid username or password.');
    const revision = /^\/(?:revision|tree|resolve)\/([^/?]+)/.exec(rest)?.[1];
    if (revision !== 'main' && revision !== COMMIT) return fail(404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    if (rest.startsWith('/revision/')) {
      return json(response, {
        _id: '1',
        id: name,
        sha: COMMIT,
        cardData: repo.card ?? {},
        tags: [],
        gated: false,
        private: false,
        lastModified: '2026-01-01T00:00:00.000Z',
        likes: 0,
        downloads: 0,
      });
    }
    if (rest.startsWith('/tree/')) return this.#tree(name, repo, url, response);
    if (repo.gated && token !== 'hf_good')
      return fail(token ? 403 : 401, 'GatedRepo', `Access to model ${name} is restricted.`);
    const file = rest.slice(`/resolve/${revision}/`.length);
    const bytes = repo.files[file];
    if (!bytes) return fail(404, 'EntryNotFound', 'Entry not found');
    const headers = {
      'x-repo-commit': COMMIT,
      'x-linked-size': String(bytes.length),
      'x-linked-etag': `"${sha256(bytes)}"`,
      location: `${this.cdn}/${name}/${file.split('/').map(encodeURIComponent).join('/')}?X-Signature=secret`,
    };
    return response.writeHead(302, headers).end();
  }

  /** Two entries a page, so that every listing has several. */
  #tree(name: string, repo: Repo, url: URL, response: ServerResponse): void {
    const entries = Object.entries(repo.files).map(([path, bytes]) => {
      const isLarge = /\.(safetensors|ckpt|bin|pth)$/.test(path);
      const oid = gitOid(bytes);
      return {
        type: 'file',
        oid,
        size: bytes.length,
        path,
        ...(isLarge && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } }),
      };
    });
    const at = Number(url.searchParams.get('cursor') ?? 0);
    const next = new URL(`${this.url}/api/models/${name}/tree/${COMMIT}?recursive=true&cursor=${at + 2}`);
    json(response, entries.slice(at, at + 2), at + 2 < entries.length ? { link: `<${next.href}>; rel="next"` } : {});
  }

  #file(path: string, request: IncomingMessage, response: ServerResponse): void {
    const [, name = '', file = ''] = /^\/([^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
    const bytes = this.repos[name]?.files[file];
    if (!bytes) return void response.writeHead(404).end();
    sendFile(request, response, bytes);
  }
}

/** As a CDN does: ranges, and If-Range by the ETag. */
/** Sends the beginning of a file, and then nothing more. */
export function sendStart(response: ServerResponse, bytes: Buffer, length: number, etag = '"a"'): true {
  response.writeHead(200, { etag, 'content-length': length }).write(bytes);
  return true;
}

export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  extra: Record<string, string> = {},
): true {
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const ifRange = request.headers['if-range'];
  const common = { etag, 'accept-ranges': 'bytes', ...extra };
  if (!range || (ifRange !== undefined && ifRange !== etag)) {
    response.writeHead(200, { ...common, 'content-length': bytes.length }).end(bytes);
    return true;
  }
  const from = Number(range[1]);
  if (from >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return true;
  }
  const to = Math.min(range[2] ? Number(range[2]) : bytes.length - 1, bytes.length - 1);
  response.writeHead(206, {
    ...common,
    'content-range': `bytes ${from}-${to}/${bytes.length}`,
    'content-length': to - from + 1,
  });
  response.end(bytes.subarray(from, to + 1));
  return true;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function gitOid(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
