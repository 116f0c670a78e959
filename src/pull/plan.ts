import contentDisposition from 'content-disposition';
import { EaselError } from '../engine/errors.js';
import { placesInCache } from './at-hand.js';
import { CATALOGUE, type Known, type Licence } from './catalogue.js';
import { choose, chooseKnown } from './choose.js';
import { explain } from './explain.js';
import { fileUrl, hubRepo, pageOf } from './hub.js';
import { HttpRefusal, nameOf } from './refused.js';
import { isPlainName, plainName } from './safe-path.js';
import type { Target } from './target.js';
import type { Web } from './web.js';

/** What will be fetched, before anything is: for the licence, the disk and the progress. */
export interface Plan {
  readonly title: string;
  /** The page that it comes from. */
  readonly page: string;
  readonly commit?: string;
  readonly licence: Licence | undefined;
  /** What is used later: a file or folder, relative to the models folder. */
  readonly name: string;
  readonly files: readonly PlannedFile[];
  /** The licence's text in the repository. */
  readonly licenceFile?: URL;
  /** Where a safety checker belongs, if this is a model without one. */
  readonly checker?: string;
  /** Who to explain refusals with. */
  readonly repo?: string;
  readonly known?: string;
}

export interface PlannedFile {
  readonly url: URL;
  /** Relative to the models folder, with "/". */
  readonly to: string;
  readonly size?: number;
  readonly sha256?: string;
  readonly gitOid?: string;
  /** Where it may already be on this machine. */
  readonly atHand: readonly string[];
}

export interface PlanOptions {
  readonly endpoint: URL;
  /** The Hub's shared cache. */
  readonly cache: string;
  readonly revision?: string;
  /** A path in the repository. */
  readonly file?: string;
  /** Of the one file, from its page. */
  readonly sha256?: string;
  /** Instead of the name that a server gives. */
  readonly as?: string;
}

/** Asks the Hub, or another host, what there is. @throws EaselError */
export async function planOf(web: Web, target: Target, options: PlanOptions): Promise<Plan> {
  const plan =
    target.kind === 'url'
      ? await planOfUrl(web, target.url, options)
      : target.kind === 'hub'
        ? await planOfRepo(web, {
            ...options,
            ...target,
            file: options.file ?? target.file,
            revision: options.revision ?? target.revision,
          })
        : await planOfKnown(web, target.name, target.known, options);
  return options.sha256 === undefined ? plan : withSha256(plan, options.sha256);
}

/** The safety checker, for a place of its own. */
export function planOfChecker(web: Web, options: PlanOptions, into: string): Promise<Plan> {
  const { endpoint, cache } = options;
  return planOfKnown(web, 'safety-checker', { ...CATALOGUE['safety-checker']!, into }, { endpoint, cache });
}

async function planOfKnown(web: Web, name: string, known: Known, options: PlanOptions): Promise<Plan> {
  if ('repo' in known.from) return planOfRepo(web, { ...options, repo: known.from.repo, name, known });
  const [file] = known.files;
  const { title, licence } = known;
  const plan = await planOfUrl(web, new URL(known.from.url), { ...options, as: file!.path });
  const files = plan.files.map((planned) => ({ ...planned, to: `${known.into}/${file!.path}` }));
  const at = { ...plan, title, licence, files, name: files[0]!.to, known: name, checker: undefined };
  return file!.sha256 ? withSha256(at, file!.sha256) : at;
}

interface RepoOptions extends PlanOptions {
  readonly repo: string;
  readonly name?: string;
  readonly known?: Known;
}

async function planOfRepo(web: Web, options: RepoOptions): Promise<Plan> {
  const { endpoint, repo: name, cache, known } = options;
  try {
    const repo = await hubRepo(web, endpoint, name, options.revision);
    const choice = known && options.file === undefined ? chooseKnown(repo, known) : choose(repo, options.file);
    const text = repo.files.find(({ path, size }) => /^licen[cs]e(\.(md|txt))?$/i.test(path) && size < 2 ** 20);
    return {
      title: known?.title ?? name,
      page: pageOf(endpoint, name),
      commit: repo.commit,
      licence: known?.licence ?? repo.licence,
      name: choice.name,
      files: choice.files.map(({ file, to, sha256 = file.sha256 }) => ({
        url: fileUrl(repo, file.path),
        to,
        size: file.size,
        ...(sha256 !== undefined && { sha256 }),
        ...(file.gitOid !== undefined && { gitOid: file.gitOid }),
        atHand: placesInCache(cache, repo, file),
      })),
      ...(text && { licenceFile: fileUrl(repo, text.path) }),
      ...(choice.checker !== undefined && { checker: choice.checker }),
      repo: name,
      ...(options.name !== undefined && { known: options.name }),
    };
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error;
    throw explain(error, { endpoint, repo: name, ...(options.name !== undefined && { known: options.name }) });
  }
}

const WEIGHTS = /\.(safetensors|ckpt|bin|pt|pth|gguf)$/i;

/** Asks for the first byte, which tells name and size without the rest. */
async function planOfUrl(web: Web, url: URL, { endpoint, as }: PlanOptions): Promise<Plan> {
  try {
    const response = await web.get(url, { range: 'bytes=0-0' });
    await response.body?.cancel().catch(() => {});
    const total =
      /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ??
      (response.status === 200 ? response.headers.get('content-length') : null);
    const name = as ?? givenName(response.headers.get('content-disposition')) ?? plainName(decoded(url));
    if (as !== undefined && !isPlainName(as))
      throw new EaselError(`${JSON.stringify(as)} cannot be the name of a file everywhere.`);
    const page = nameOf(url);
    if (/^\s*text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
      throw new EaselError(
        `${page} is a web page, not a file: perhaps it wants you to log in or to agree to something. Open it in a browser, and give the address of the download itself.`,
      );
    }
    if (name === undefined || !WEIGHTS.test(name)) {
      throw new EaselError(
        `${page} gives a file called ${JSON.stringify(name?.slice(0, 100) ?? '')}, and weights are .safetensors, .ckpt, .pt, .pth, .bin or .gguf. If it is one of those, give it a name: --as NAME.safetensors`,
      );
    }
    const size = total === null || total === undefined ? undefined : Number(total);
    return {
      title: name,
      page,
      licence: undefined,
      name,
      files: [{ url, to: name, ...(size !== undefined && { size }), atHand: [] }],
      checker: 'safety_checker',
    };
  } catch (error) {
    throw error instanceof HttpRefusal ? explain(error, { endpoint }) : error;
  }
}

/** RFC 6266. What cannot be read counts as absent. */
function givenName(header: string | null): string | undefined {
  if (header === null) return undefined;
  try {
    const { filename } = contentDisposition.parse(header).parameters;
    return filename === undefined ? undefined : plainName(filename);
  } catch {
    return undefined;
  }
}

function decoded({ pathname }: URL): string {
  const last = pathname.split('/').at(-1)!;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

function withSha256(plan: Plan, sha256: string): Plan {
  if (!/^[0-9a-f]{64}$/i.test(sha256)) throw new EaselError('--sha256 takes 64 hexadecimal digits.');
  const digits = sha256.toLowerCase();
  const weights = plan.files.filter(({ to }) => WEIGHTS.test(to));
  if (weights.length !== 1) throw new EaselError('--sha256 is for a single file: name it with --file.');
  const [file] = weights;
  if (file!.sha256 !== undefined && file!.sha256 !== digits) {
    throw new EaselError(
      `The SHA-256 of ${file!.to} is ${file!.sha256} by its page, not ${digits}. Nothing was fetched.`,
    );
  }
  return { ...plan, files: plan.files.map((planned) => (planned === file ? { ...planned, sha256: digits } : planned)) };
}
