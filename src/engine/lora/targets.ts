import { unetKey } from '../checkpoint/compvis/unet.js';
import type { WeightsModel } from '../model.js';

/** A weight that an update is for: the network and the canonical name. */
export interface Target {
  network: 'unet' | 'text';
  name: string;
}

/**
 * The weights of a model under the names that LoRA files give to modules. kohya writes names with `_` for `.`, which
 * cannot be undone, so all names are compared in that form; CompVis's names of the UNet's blocks occur too.
 */
export function targetsOf(model: WeightsModel): (module: string) => Target | undefined {
  const unet = new Map<string, string>();
  for (const name of model.weights.unet.keys()) {
    if (!name.endsWith('.weight')) continue;
    unet.set(flat(name), name);
    unet.set(flat(unetKey(model.unet, name)), name);
    // Before attention processors, to_out was one module.
    if (name.endsWith('to_out.0.weight')) unet.set(flat(name.replace('to_out.0', 'to_out')), name);
  }
  const text = new Map([...model.weights.text.keys()].map((name) => [flat(name), name]));
  return (module) => {
    const key = module
      .replace(/^base_model\.model\./, '')
      .replace('.processor', '')
      .replaceAll('.', '_');
    const named = /^(?:lora_|lycoris_)?(unet|text_encoder|text_model|te1?)_(.*)$/.exec(key);
    const [network, rest] = named
      ? ([named[1] === 'unet' ? 'unet' : 'text', named[2]!] as const)
      : (['unet', key] as const);
    const names = network === 'unet' ? unet : text;
    const name = names.get(rest) ?? names.get(`text_model_${rest}`);
    return name === undefined ? undefined : { network, name };
  };
}

function flat(name: string): string {
  return name.replace(/\.weight$/, '').replaceAll('.', '_');
}
