import { unetKey } from '../checkpoint/compvis/unet.js';
import type { WeightsModel } from '../model.js';

/** The module that an update is for: the network and the canonical name, to which `.weight` and `.bias` go. */
export interface Target {
  network: 'unet' | 'text';
  name: string;
}

/** Prefixes of a module's name: kohya's (OFT has its own), LyCORIS's, diffusers' and, the last two, ComfyUI's. */
const NETWORKS: readonly [RegExp, Target['network'] | undefined][] = [
  [/^(?:lora_|lycoris_|oft_|boft_)?unet_/, 'unet'],
  [/^(?:lora_|lycoris_|oft_|boft_)?(?:text_encoder|te1?)_/, 'text'],
  [/^(?:model_)?diffusion_model_/, 'unet'],
  [/^(?:text_encoders|cond_stage_model)_(?:clip_[lh]_)?(?:transformer_)?/, 'text'],
  [/^(?:lora_|lycoris_)/, undefined],
];

/**
 * The modules of a model under the names that LoRA files give to them. kohya writes names with `_` for `.`, which cannot
 * be undone, so all names are compared in that form; CompVis's names of the UNet's blocks occur too. Without a network
 * before it a name is the UNet's, or the text encoder's.
 */
export function targetsOf(model: WeightsModel): (module: string) => Target | undefined {
  const unet = new Map<string, string>();
  for (const name of modulesOf(model.weights.unet.keys())) {
    unet.set(flat(name), name);
    // The key table knows whole names.
    unet.set(flat(unetKey(model.unet, `${name}.weight`).replace(/\.weight$/, '')), name);
    // Before diffusers had attention processors, to_out was one module.
    if (name.endsWith('to_out.0')) unet.set(flat(name.replace(/to_out\.0$/, 'to_out')), name);
  }
  const text = new Map([...modulesOf(model.weights.text.keys())].map((name) => [flat(name), name]));
  const inUnet = (rest: string) => named('unet', unet.get(rest));
  const inText = (rest: string) => named('text', text.get(rest) ?? text.get(`text_model_${rest}`));
  return (module) => {
    const key = flat(module.replace(/^base_model\.model\./, '').replace('.processor', ''));
    const [prefix, network] = NETWORKS.find(([start]) => start.test(key)) ?? [/^/, undefined];
    const rest = key.replace(prefix, '');
    if (network === 'unet') return inUnet(rest);
    if (network === 'text') return inText(rest);
    return inUnet(rest) ?? inText(rest);
  };
}

function* modulesOf(names: Iterable<string>): Generator<string> {
  for (const name of names) if (name.endsWith('.weight')) yield name.slice(0, -'.weight'.length);
}

function named(network: Target['network'], name: string | undefined): Target | undefined {
  return name === undefined ? undefined : { network, name };
}

function flat(name: string): string {
  return name.replaceAll('.', '_');
}
