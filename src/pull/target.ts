import { EaselError } from '../engine/errors.js';
import { type Known, knownAs } from './catalogue.js';

/** What somebody asked for. */
export type Target =
  | { readonly kind: 'known'; readonly name: string; readonly known: Known }
  | { readonly kind: 'hub'; readonly repo: string; readonly revision?: string; readonly file?: string }
  | { readonly kind: 'url'; readonly url: URL };

/** As the Hub allows them: letters, digits, "-", "_" and "."; nothing that could lead anywhere in a path or an address. */
const PART = /^(?!\.{1,2}$)(?!.*\.\.)[\w.-]{1,96}$/;
const HUB_HOSTS = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co', 'hf-mirror.com']);
const CIVITAI_HOSTS = new Set(['civitai.com', 'www.civitai.com', 'civitai.red']);
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether this can be the name of a repository on the Hub. */
export function isRepo(name: string): boolean {
  const parts = name.split('/');
  return parts.length === 2 && parts.every((part) => PART.test(part));
}

/** Whether `easel pull` could find something under a name, so that it can be named as a way to get it. */
export function isPullable(name: string): boolean {
  return knownAs(name) !== undefined || isRepo(name);
}

/**
 * Reads a name of the catalogue, `owner/name`, or an address. Pages of the Hub and of Civitai that were copied from a
 * browser are understood, too.
 *
 * @param endpoint of the Hub, whose addresses are repositories.
 * @throws EaselError that says what can be given.
 */
export function targetOf(name: string, endpoint: URL): Target {
  const known = knownAs(name);
  if (known) return { kind: 'known', name: name.toLowerCase(), known };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) return addressOf(name, endpoint);
  const [repo, revision, ...rest] = name.split('@') as [string, string?, ...string[]];
  if (isRepo(repo) && rest.length === 0 && revision !== '') {
    return { kind: 'hub', repo, ...(revision !== undefined && { revision }) };
  }
  throw new EaselError(
    `There is nothing called ${JSON.stringify(name)}. Give a name that \`easel pull\` lists, OWNER/NAME from huggingface.co, or an address that starts with https://.`,
  );
}

function addressOf(text: string, endpoint: URL): Target {
  if (!URL.canParse(text)) throw new EaselError(`${JSON.stringify(text)} is not an address.`);
  const url = new URL(text);
  if (
    url.protocol !== 'https:' &&
    !(url.protocol === 'http:' && LOOPBACK.has(url.hostname)) &&
    url.origin !== endpoint.origin
  ) {
    throw new EaselError(
      `${url.protocol}//${url.host} is not fetched from: give an address that starts with https://.`,
    );
  }
  if (HUB_HOSTS.has(url.hostname) || url.origin === endpoint.origin) return hubPage(url);
  if (CIVITAI_HOSTS.has(url.hostname)) return { kind: 'url', url: civitaiFile(url) };
  return { kind: 'url', url };
}

/** https://huggingface.co/owner/name, and below it blob, resolve or tree with a revision and a path. */
function hubPage(url: URL): Target {
  const [owner = '', name = '', view, revision, ...path] = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const repo = `${owner}/${name}`;
  if (!isRepo(repo)) throw new EaselError(`${url.origin}${url.pathname} is not the page of a model.`);
  if (view === undefined || view === '' || !revision) return { kind: 'hub', repo };
  const file = path.join('/');
  return { kind: 'hub', repo, revision, ...(file && view !== 'tree' && { file }) };
}

/** A model's page names the version that is shown; its file has another address. */
function civitaiFile(url: URL): URL {
  if (url.pathname.startsWith('/api/download/')) return url;
  const version = url.searchParams.get('modelVersionId');
  if (version && /^\d+$/.test(version)) return new URL(`/api/download/models/${version}`, url.origin);
  throw new EaselError(
    `${url.origin}${url.pathname} is a page, not a file. Copy the address of its download button: ${url.origin}/api/download/models/NUMBER.`,
  );
}
