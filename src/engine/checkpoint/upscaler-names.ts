import type { StoredTensor } from './tensor.js';

/** Finds canonical names, which are Real-ESRGAN's, in a file's. */
export type Find = (name: string) => StoredTensor | undefined;

/** What may stand around the names: basicsr's two dicts, of which the averaged one is better, and others' wrappers. */
const PREFIXES = ['params_ema.', 'params-ema.', 'params.', 'model.', 'net.', 'network.', ''].flatMap((outer) => [
  outer,
  `${outer}module.`,
  `${outer}netG.`,
]);

/** Other names for RRDBNet's tensors. */
interface Names {
  /** A tensor that only files with these names have. */
  readonly mark: string;
  /** @param has whether the file has a tensor of a name. */
  rename(name: string, has: (name: string) => boolean): string;
}

const NAMES: readonly Names[] = [
  { mark: 'conv_first.weight', rename: (name) => name },
  { mark: 'body.0.weight', rename: (name) => name },
  // ESRGAN's own. Doublings take three places each, of which two have no tensors.
  {
    mark: 'model.0.weight',
    rename(name, has) {
      const [, layer, rest] = /^(.+)\.(weight|bias)$/.exec(name)!;
      const blocks = count((k) => has(`model.1.sub.${k}.RDB1.conv1.0.weight`));
      const stages = count((k) => has(`model.${3 * (k + 1)}.weight`));
      const places: Record<string, string> = {
        conv_first: '0',
        conv_body: `1.sub.${blocks}`,
        conv_hr: String(3 * stages + 2),
        conv_last: String(3 * stages + 4),
      };
      const inBlock = /^body\.(\d+)\.rdb(\d)\.conv(\d)$/.exec(layer!);
      const up = /^conv_up(\d+)$/.exec(layer!);
      if (up && Number(up[1]) > stages) return '';
      const place = inBlock
        ? `1.sub.${inBlock[1]}.RDB${inBlock[2]}.conv${inBlock[3]}.0`
        : up
          ? String(3 * Number(up[1]))
          : places[layer!];
      return place === undefined ? '' : `model.${place}.${rest}`;
    },
  },
  // BSRGAN's.
  {
    mark: 'RRDB_trunk.0.RDB1.conv1.weight',
    rename: (name) =>
      name
        .replace(/^body\.(\d+)\.rdb(\d)\./, 'RRDB_trunk.$1.RDB$2.')
        .replace('conv_body.', 'trunk_conv.')
        .replace('conv_up', 'upconv')
        .replace('conv_hr.', 'HRconv.'),
  },
];

/** Undefined if the file has none of the names. */
export function upscalerFinder(tensors: ReadonlyMap<string, StoredTensor>): Find | undefined {
  for (const prefix of PREFIXES) {
    const has = (name: string) => tensors.has(prefix + name);
    // BSRGAN's first and last are called as Real-ESRGAN's.
    const names = NAMES.findLast(({ mark }) => has(mark));
    if (names) return (name) => tensors.get(prefix + names.rename(name, has));
  }
  return undefined;
}

/** How many there are, counted from 0. */
export function count(has: (k: number) => boolean): number {
  let k = 0;
  while (has(k)) k++;
  return k;
}
