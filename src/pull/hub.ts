import { listFiles, modelInfo } from '@huggingface/hub';
import { EaselError } from '../engine/errors.js';
import type { Licence } from './catalogue.js';
import type { Web } from './web.js';

/** A file of a repository. One of the hashes is always there. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Of a large file. */
  readonly sha256?: string;
  /** Of a small one, which git itself holds. */
  readonly gitOid?: string;
}

/** A repository at one commit, so that nothing changes between two of its files. */
export interface HubRepo {
  readonly endpoint: URL;
  readonly name: string;
  readonly commit: string;
  readonly files: readonly HubFile[];
  /** As its card says. */
  readonly licence: Licence | undefined;
}

const MOST_FILES = 20_000;

/** @throws HttpRefusal, ConnectionLost or EaselError. */
export async function hubRepo(web: Web, endpoint: URL, name: string, revision = 'main'): Promise<HubRepo> {
  const hub = { hubUrl: endpoint.href.replace(/\/$/, ''), fetch: web.fetch };
  const info = await orNonsense(endpoint, () =>
    modelInfo({ ...hub, name, revision, additionalFields: ['sha', 'cardData', 'tags'] }),
  );
  const { sha, cardData, tags } = info as { sha?: unknown; cardData?: unknown; tags?: unknown };
  if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha)) throw nonsense(endpoint);
  const files: HubFile[] = [];
  await orNonsense(endpoint, async () => {
    let entries = 0;
    for await (const { type, path, size, oid, lfs } of listFiles({
      ...hub,
      repo: name,
      revision: sha,
      recursive: true,
    })) {
      if (++entries > MOST_FILES) throw new EaselError(`${name} has more than ${MOST_FILES} files: it is no model.`);
      if (type !== 'file' || typeof path !== 'string') continue;
      const bytes = lfs?.size ?? size;
      if (!Number.isSafeInteger(bytes) || bytes < 0) throw nonsense(endpoint);
      if (lfs && /^[0-9a-f]{64}$/.test(lfs.oid)) files.push({ path, size: bytes, sha256: lfs.oid });
      else if (!lfs && typeof oid === 'string' && /^[0-9a-f]{40}$/.test(oid))
        files.push({ path, size: bytes, gitOid: oid });
      else throw nonsense(endpoint);
    }
  });
  return { endpoint, name, commit: sha, files, licence: licenceOf(endpoint, name, cardData, tags) };
}

/** Where a file of a repository is fetched from. */
export function fileUrl({ endpoint, name, commit }: HubRepo, path: string): URL {
  const base = endpoint.href.replace(/\/$/, '');
  return new URL(`${base}/${name}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`);
}

/** A repository's page, for people. */
export function pageOf(endpoint: URL, name: string): string {
  return `${endpoint.href.replace(/\/$/, '')}/${name}`;
}

/** The card's `license`, or its own name and link for one that the Hub does not know. */
function licenceOf(endpoint: URL, repo: string, card: unknown, tags: unknown): Licence | undefined {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined);
  const { license, license_name: own, license_link: link } = (card ?? {}) as Record<string, unknown>;
  const tag = Array.isArray(tags)
    ? tags.find((tag) => typeof tag === 'string' && tag.startsWith('license:'))
    : undefined;
  const name =
    text(own) ?? text(Array.isArray(license) ? license.join(', ') : license) ?? text(tag?.slice('license:'.length));
  if (name === undefined) return undefined;
  const url = text(link);
  return { name, url: url !== undefined && /^https:\/\//.test(url) ? url : pageOf(endpoint, repo) };
}

/** The client library throws what `JSON.parse` does, and TypeErrors, for answers that it does not expect. */
async function orNonsense<T>(endpoint: URL, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof TypeError) throw nonsense(endpoint, cause);
    throw cause;
  }
}

function nonsense(endpoint: URL, cause?: unknown): EaselError {
  return new EaselError(`${endpoint.host} does not answer as the Hub does. Is HF_ENDPOINT right?`, { cause });
}
