/** A part of one module's update. */
export type Part =
  | 'up'
  | 'down'
  | 'mid'
  | 'alpha'
  | 'scale'
  | `hada_${'w1_a' | 'w1_b' | 'w2_a' | 'w2_b' | 't1' | 't2'}`
  | `lokr_${'w1' | 'w1_a' | 'w1_b' | 'w2' | 'w2_a' | 'w2_b' | 't2'}`
  | `glora_${'a1' | 'a2' | 'b1' | 'b2' | 'bm'}`
  | 'ia3'
  | 'on_input'
  | 'oft_blocks'
  | 'rescale'
  | 'dora_scale'
  | 'magnitude'
  | 'diff'
  | 'diff_b';

/** The endings of names in the formats of kohya, diffusers (old, new and PEFT's), LyCORIS and ComfyUI. */
const ENDINGS: readonly [RegExp, Part][] = [
  [/\.lora_up\.weight$|[._]lora\.up\.weight$|\.lora_linear_layer\.up\.weight$|\.lora_B(\.\w+)?\.weight$/, 'up'],
  [/\.lora_down\.weight$|[._]lora\.down\.weight$|\.lora_linear_layer\.down\.weight$|\.lora_A(\.\w+)?\.weight$/, 'down'],
  [/\.lora_mid\.weight$/, 'mid'],
  [/\.alpha$/, 'alpha'],
  [/\.scale$/, 'scale'],
  [/\.lora_magnitude_vector(\.\w+)?(\.weight)?$/, 'magnitude'],
  // Changes to norms are added like any others.
  [/\.(diff|w_norm)$/, 'diff'],
  [/\.(diff_b|b_norm)$/, 'diff_b'],
];

/** Parts whose names are used as they are. */
const PLAIN = /\.(hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2)|oft_blocks|rescale|dora_scale|on_input)$/;
const GLORA = /\.(a1|a2|b1|b2|bm)\.weight$/;
const WEIGHT = /\.weight$/;

/**
 * Which part of which module's update a name in a LoRA file means.
 *
 * @param has whether the file has another name: (IA)^3's factors are called "weight", as all weights are.
 */
export function partOf(name: string, has: (other: string) => boolean): { module: string; part: Part } | undefined {
  const found = ENDINGS.find(([ending]) => ending.test(name));
  if (found) return { module: name.replace(found[0], ''), part: found[1] };
  const plain = PLAIN.exec(name);
  if (plain) return { module: name.slice(0, plain.index), part: plain[1] as Part };
  const glora = GLORA.exec(name);
  if (glora) return { module: name.slice(0, glora.index), part: `glora_${glora[1]}` as Part };
  const module = name.replace(WEIGHT, '');
  return module !== name && has(`${module}.on_input`) ? { module, part: 'ia3' } : undefined;
}

/** Methods that Easel knows by name only. */
const UNSUPPORTED: readonly [RegExp, string][] = [
  [/\.oft_diag$/, 'the OFT of LyCORIS before version 2'],
  [/\.oft_[rR](\.|$)/, "PEFT's OFT"],
  [/\.boft_[RsP](\.|$)/, "PEFT's BOFT"],
  [/\.ia3_l(\.|$)/, "PEFT's (IA)^3"],
  [/\.vera_(lambda_[bd]|[AB])(\.|$)/, 'VeRA'],
  [/\.hra_u(\.|$)/, 'HRA'],
  [/\.fourierft_spectrum(\.|$)/, 'FourierFT'],
  [/\.bias_(indices|values|size)$/, 'the sparse bias of early LyCORIS'],
  [
    /^(unet|text_encoder):\d+:(up|down)$/,
    'the format of cloneofsimo/lora, which counts weights instead of naming them',
  ],
];

/** The method of a file that Easel cannot apply, by one of its tensors' names. */
export function unsupportedWay(names: Iterable<string>): string | undefined {
  for (const name of names) {
    const way = UNSUPPORTED.find(([mark]) => mark.test(name));
    if (way) return way[1];
  }
  return undefined;
}

/** Bundled embeddings, as in AUTOMATIC1111: their names, then the names in an embedding file. */
export const BUNDLED = /^bundle_emb\.(.+?)\.(string_to_param\..*|emb_params|clip_[lg])$/s;

/** Parts that no other kind of file has; an alpha or a scale alone proves nothing. */
const TELLING = new Set<Part>(['alpha', 'scale', 'rescale', 'on_input']);

/** Whether a file is a LoRA of any kind, judging by its names. */
export function isLora(names: ReadonlySet<string>): boolean {
  if (unsupportedWay(names) !== undefined) return true;
  for (const name of names) {
    if (BUNDLED.test(name)) return true;
    const part = partOf(name, (other) => names.has(other))?.part;
    if (part !== undefined && !TELLING.has(part)) return true;
  }
  return false;
}
