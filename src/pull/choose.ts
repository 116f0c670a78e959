import { EaselError } from '../engine/errors.js';
import type { Known } from './catalogue.js';
import { type HubFile, type HubRepo, pageOf } from './hub.js';
import { safePath } from './safe-path.js';

/** Which files of a repository are needed, and where they go, relative to the models folder. */
export interface Choice {
  readonly files: readonly { readonly file: HubFile; readonly to: string; readonly sha256?: string }[];
  /** The file or folder that they are for whoever uses it. */
  readonly name: string;
  /** Where a safety checker for it belongs, if it is a whole model without one. */
  readonly checker: string | undefined;
}

const WEIGHTS = /\.(safetensors|ckpt|bin|pt|pth|gguf)$/i;
const COMPONENTS = ['text_encoder', 'unet', 'vae', 'tokenizer', 'scheduler', 'safety_checker', 'feature_extractor'];
/** The weights of a component, their index if they are in several files, and ONNX graphs. */
const PARTS =
  /^(?:diffusion_pytorch_model|pytorch_model|model)(?<variant>\.[\w-]+?)?\.(?<kind>safetensors|bin|onnx)(?<index>\.index(?:\.[\w-]+)?\.json)?$/;
const SHARD = /-\d{5}-of-\d{5}$/;

/** What a known name stands for. @throws EaselError if the repository has it no more. */
export function chooseKnown(repo: HubRepo, known: Known): Choice {
  const files = known.files.map(({ path, sha256 }) => {
    const file = repo.files.find((file) => file.path === path);
    if (!file) throw noSuchFile(repo, path);
    if (sha256 !== undefined && file.sha256 !== undefined && file.sha256 !== sha256) {
      throw new EaselError(
        `${path} in ${repo.name} is not the file that was published: its SHA-256 is ${file.sha256}, not ${sha256}. If you trust it, give it by its place: easel pull ${repo.name} --file ${path}`,
      );
    }
    return { file, to: [known.into, path.split('/').at(-1)!].filter(Boolean).join('/'), ...(sha256 && { sha256 }) };
  });
  return { files, name: known.into || files[0]!.to, checker: known.model ? 'safety_checker' : undefined };
}

/**
 * What is needed of any repository: the file that was named; else a diffusers model's parts, one set of weights for each;
 * else its only file of weights.
 *
 * @throws EaselError that lists the files if it is not clear which.
 */
export function choose(repo: HubRepo, named: string | undefined): Choice {
  if (named !== undefined) {
    const file = repo.files.find(({ path }) => path === named);
    if (!file) throw noSuchFile(repo, named);
    if (!WEIGHTS.test(file.path)) throw new EaselError(`${named} holds no weights. Name one of: ${listed(repo)}.`);
    return single(repo, file);
  }
  if (repo.files.some(({ path }) => path === 'model_index.json')) return folder(repo);
  const config = repo.files.find(({ path }) => path === 'config.json');
  const top = repo.files.filter(({ path }) => !path.includes('/'));
  const component = bestWeights(top);
  if (config && component.length > 0) return part(repo, [config, ...component]);
  const safe = top.filter(({ path }) => /\.safetensors$/i.test(path));
  const weights = safe.length > 0 ? safe : top.filter(({ path }) => WEIGHTS.test(path));
  if (weights.length === 1) return single(repo, weights[0]!);
  const some = listed(repo);
  throw new EaselError(
    some
      ? `${repo.name} has several files of weights. Choose one with --file: ${some}.`
      : `${repo.name} has no weights that Easel reads: ${pageOf(repo.endpoint, repo.name)}.`,
  );
}

/** A file that is a model, or what is added to one, as far as its name tells. */
function single(repo: HubRepo, file: HubFile): Choice {
  const name = safePath(file.path, repo.name).split('/').at(-1)!;
  const into = folderFor(repo.name, file.path);
  // Files with names that every repository has keep their repository's name as a folder.
  const own = /^(pytorch_lora_weights|adapter_model|learned_embeds|diffusion_pytorch_model|model)\./.test(name);
  const to = [into, own ? nameOf(repo) : '', name].filter(Boolean).join('/');
  return { files: [{ file, to }], name: to, checker: into === '' ? 'safety_checker' : undefined };
}

function folder(repo: HubRepo): Choice {
  const base = nameOf(repo);
  const inside = (component: string) =>
    repo.files.filter(({ path }) => path.startsWith(`${component}/`) && path.split('/').length === 2);
  const files = [
    repo.files.find(({ path }) => path === 'model_index.json')!,
    ...[...COMPONENTS, 'vae_decoder', 'vae_encoder'].flatMap((component) => {
      const own = inside(component);
      return [...own.filter(isText), ...bestWeights(own)];
    }),
  ];
  const checked = files.some(({ path }) => path.startsWith('safety_checker/'));
  return {
    files: files.map((file) => ({ file, to: `${base}/${safePath(file.path, repo.name)}` })),
    name: base,
    checker: checked || files.some(({ path }) => path.endsWith('.onnx')) ? undefined : `${base}/safety_checker`,
  };
}

/** A repository with one network in it, such as a ControlNet. */
function part(repo: HubRepo, files: readonly HubFile[]): Choice {
  const into = folderFor(repo.name, '');
  const name = into === 'taesd' ? into : [into, nameOf(repo)].filter(Boolean).join('/');
  return {
    files: files.map((file) => ({ file, to: `${name}/${safePath(file.path, repo.name)}` })),
    name,
    checker: undefined,
  };
}

/** Configurations and vocabularies; not pictures, and not the code that some repositories have. */
function isText({ path, size }: HubFile): boolean {
  return /\.(json|txt)$/i.test(path) && !PARTS.test(path.split('/').at(-1)!) && size < 16 * 2 ** 20;
}

/** One set of weights, as the component is read: safetensors before others, the plain one before fp16 and the like. */
function bestWeights(files: readonly HubFile[]): HubFile[] {
  const found = files.flatMap((file) => {
    const match = PARTS.exec(file.path.split('/').at(-1)!);
    if (!match || SHARD.test(file.path.replace(/\.(safetensors|bin)$/, ''))) return [];
    const { variant, kind, index } = match.groups!;
    return [{ file, index, rank: (kind === 'bin' ? 10 : kind === 'onnx' ? 20 : 0) + (variant ? 1 : 0) }];
  });
  const best = found.sort((a, b) => a.rank - b.rank || a.file.path.localeCompare(b.file.path))[0];
  if (!best) return [];
  if (best.index === undefined) {
    const beside = files.filter(({ path }) => path.endsWith('.onnx_data') || path.endsWith('weights.pb'));
    return best.file.path.endsWith('.onnx') ? [best.file, ...beside] : [best.file];
  }
  const stem = best.file.path.replace(/\.(safetensors|bin)\.index.*$/, '');
  return [
    best.file,
    ...files.filter(({ path }) => path.startsWith(`${stem}-`) && SHARD.test(path.replace(/\.(safetensors|bin)$/, ''))),
  ];
}

/** Where additions to a model are looked for. */
function folderFor(repo: string, file: string): string {
  const name = `${repo}/${file}`.toLowerCase();
  if (/taesd(?!xl|3)/.test(name)) return 'taesd';
  if (/controlnet|control_v\d|t2i-?adapter/.test(name)) return 'controlnet';
  if (/(^|[^a-z])(lora|lycoris|locon|loha)([^a-z]|$)|adapter_model/.test(name)) return 'lora';
  if (/esrgan|realesr|bsrgan/.test(name)) return 'upscalers';
  if (/learned_embeds|textual.?inversion|embedding/.test(name)) return 'embeddings';
  return '';
}

function nameOf(repo: HubRepo): string {
  return safePath(repo.name.split('/')[1]!, repo.name);
}

function listed(repo: HubRepo): string {
  const names = repo.files.filter(({ path }) => WEIGHTS.test(path)).map(({ path }) => path.slice(0, 100));
  return names.length > 8 ? `${names.slice(0, 8).join(', ')}, ...` : names.join(', ');
}

function noSuchFile(repo: HubRepo, path: string): EaselError {
  const some = listed(repo);
  const others = some ? ` It has: ${some}. Give one of them: easel pull ${repo.name} --file PATH` : '';
  return new EaselError(`${repo.name} has no file ${path.slice(0, 120)}.${others}`);
}
