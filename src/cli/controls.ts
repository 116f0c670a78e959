import { inRange } from '../engine/check.js';
import { EaselError } from '../engine/errors.js';
import { controlPicture, type Preprocessor } from '../engine/image/control/preprocess.js';
import { loadPicture } from '../engine/image/load.js';
import type { Pixels } from '../engine/image/pixels.js';
import { type Control, checkPart } from '../engine/pipeline/control.js';
import type { ControlNetworks } from '../engine/runtime/control-networks.js';
import type { StableDiffusion } from '../engine/stable-diffusion.js';
import { controlNetsNamed } from './control-nets.js';

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

/** What a ControlNet is asked for with, before anything large is opened. */
export interface AskedControl {
  /** Of the ControlNets that may be meant. */
  readonly paths: readonly string[];
  readonly picture: Pixels;
  readonly preprocessor: Preprocessor;
  readonly weight: number;
  readonly start: number;
  readonly end: number;
  readonly guess: boolean | undefined;
}

/** Reads what the arguments name, the weights left out. @throws EaselError for what is missing, too much or out of range. */
export async function askedControls(args: ControlArguments): Promise<AskedControl[]> {
  checkCounts(args);
  const asked = (args.control_net ?? []).map((name, k) => {
    const weight = inRange('--control_scale', valueAt(args, 'control_scale', k) ?? 1, 0, 2);
    const start = inRange('--control_start', valueAt(args, 'control_start', k) ?? 0, 0, 1);
    const end = inRange('--control_end', valueAt(args, 'control_end', k) ?? 1, 0, 1);
    checkPart(start, end, (value) => `--control_${value}`);
    const preprocessor = valueAt(args, 'preprocessor', k) ?? 'none';
    return { name, file: valueAt(args, 'control_image', k)!, preprocessor, weight, start, end, guess: args.guess_mode };
  });
  const controls: AskedControl[] = [];
  for (const { name, file, ...values } of asked) {
    controls.push({ ...values, paths: await controlNetsNamed(name), picture: await loadPicture(file) });
  }
  return controls;
}

function checkCounts(args: ControlArguments): void {
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
 * Opens the ControlNets. They are released with the model.
 *
 * @param width of what is painted, in pixels, as `height`.
 */
export async function controlsOf(
  sd: StableDiffusion,
  asked: readonly AskedControl[],
  width: number,
  height: number,
): Promise<Control[]> {
  const opened = new Map<string, ControlNetworks>();
  const controls: Control[] = [];
  for (const { paths, picture, ...values } of asked) {
    const key = paths.join();
    const net = opened.get(key) ?? (await firstThatFits(sd, paths));
    opened.set(key, net);
    controls.push({ ...values, net, image: controlPicture(picture, width, height, values.preprocessor) });
  }
  return controls;
}

/** @throws the first one's error if none fits. */
async function firstThatFits(sd: StableDiffusion, paths: readonly string[]): Promise<ControlNetworks> {
  const errors: EaselError[] = [];
  for (const path of paths) {
    try {
      return await sd.openControlNet(path);
    } catch (error) {
      if (!(error instanceof EaselError)) throw error;
      errors.push(error);
    }
  }
  throw errors[0];
}

function valueAt<K extends Repeated>(
  args: ControlArguments,
  name: K,
  k: number,
): NonNullable<ControlArguments[K]>[number] | undefined {
  const values = args[name] as NonNullable<ControlArguments[K]> | undefined;
  return values?.length === 1 ? values[0] : values?.[k];
}
