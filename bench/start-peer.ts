import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import type { EaselSettings } from './peers/easel.js';
import { Peer } from './peers/peer.js';
import type { Row } from './rows.js';

/** Where a run finds and puts things. */
export interface Place {
  /** Folder of the model. */
  readonly model: string;
  readonly taesd?: string;
  readonly controlnet?: string;
  readonly noise: string;
  readonly scratch: string;
  /** Quantized weights. */
  readonly cache: string;
  /** A Python; undefined to leave its programs out. */
  readonly python: string | undefined;
}

/** Starts the program of a row. @throws Error that says why it cannot be measured here. */
export function startPeer(
  { easel, python }: Row,
  { python: command, taesd, controlnet, cache, ...place }: Place,
): Peer {
  if (easel) {
    const open = { cache, ...easel.open, ...(easel.open?.vae && { vae: taesd }) };
    const control = easel.controlled ? controlnet : undefined;
    const settings: EaselSettings = {
      step: {},
      request: {},
      ...easel,
      control,
      model: place.model,
      noise: place.noise,
      open,
    };
    return new Peer(process.execPath, [join(import.meta.dirname, 'peers/easel.js'), JSON.stringify(settings)]);
  }
  if (!command) throw new Error('not measured: EASEL_PYTHON names no Python');
  const [script, settings] = python!;
  const words = [join(packageRoot, 'bench/peers', script), JSON.stringify({ ...settings, ...place })];
  // It may not write into the repository.
  return new Peer(command, words, { ...process.env, PYTHONDONTWRITEBYTECODE: '1' });
}
