import { EaselError } from '../engine/errors.js';
import { controlPicture, type Preprocessor } from '../engine/image/control/preprocess.js';
import { loadPicture } from '../engine/image/load.js';
import type { Control } from '../engine/pipeline/control.js';
import type { ControlNetworks } from '../engine/runtime/control-networks.js';
import type { StableDiffusion } from '../engine/stable-diffusion.js';
import { controlNetNamed } from './control-nets.js';

/** Each may be given once for all ControlNets, or once for each, in their order. */
export interface ControlArguments {
  control_net?: string[];
  control_image?: string[];
  preprocessor?: Preprocessor[];
  control_scale?: number[];
  control_start?: number[];
  control_end?: number[];
  guess_mode?: boolean;
}

type Repeated = Exclude<keyof ControlArguments, 'guess_mode'>;
const BESIDE = ['control_image', 'preprocessor', 'control_scale', 'control_start', 'control_end'] as const;

/** @throws EaselError before anything is opened, if arguments are missing or there are more of them than ControlNets. */
export function checkControlArguments(args: ControlArguments): void {
  const count = args.control_net?.length ?? 0;
  if (count === 0) {
    const given = [...BESIDE, 'guess_mode' as const].find((name) => args[name]);
    if (given) throw new EaselError(`--${given} is for a ControlNet: name it with --control_net.`);
    return;
  }
  if (!args.control_image) {
    throw new EaselError('A ControlNet needs a picture: give its path with --control_image.');
  }
  for (const name of BESIDE) {
    const values = args[name]?.length ?? count;
    if (values === 1 || values === count) continue;
    throw new EaselError(
      `--${name} is given ${values} times, --control_net ${count} times. Give it once for all of them, or once for each.`,
    );
  }
}

/**
 * Opens the ControlNets and their pictures. They are released with the model.
 *
 * @param width of what is painted, in pixels, as `height`.
 */
export async function controlsOf(
  sd: StableDiffusion,
  args: ControlArguments,
  width: number,
  height: number,
): Promise<Control[]> {
  const opened = new Map<string, ControlNetworks>();
  const controls: Control[] = [];
  for (const [k, name] of (args.control_net ?? []).entries()) {
    const path = await controlNetNamed(name);
    const net = opened.get(path) ?? (await sd.openControlNet(path));
    opened.set(path, net);
    const preprocessor = valueAt(args, 'preprocessor', k) ?? 'none';
    const picture = await loadPicture(valueAt(args, 'control_image', k)!);
    controls.push({
      net,
      image: controlPicture(picture, width, height, preprocessor),
      preprocessor,
      weight: valueAt(args, 'control_scale', k),
      start: valueAt(args, 'control_start', k),
      end: valueAt(args, 'control_end', k),
      guess: args.guess_mode,
    });
  }
  return controls;
}

function valueAt<K extends Repeated>(
  args: ControlArguments,
  name: K,
  k: number,
): NonNullable<ControlArguments[K]>[number] | undefined {
  const values = args[name] as NonNullable<ControlArguments[K]> | undefined;
  return values?.length === 1 ? values[0] : values?.[k];
}
