import type { EaselSettings } from './peers/easel.js';

/** What one program is told at its start, beside the model and the input. */
export type Setting = Pick<EaselSettings, 'open' | 'step' | 'request'> & {
  /** With a ControlNet, which runs in every step. */
  readonly controlled?: true;
};

export interface Row {
  readonly name: string;
  readonly easel?: Partial<Setting>;
  /** A script in bench/peers, and its settings. */
  readonly python?: readonly [script: string, settings: object];
  /** Memory that it needs, GB: as many are loaded side by side as there is room for. */
  readonly gigabytes: number;
  /** Takes so long that once must do. */
  readonly once?: true;
}

/** Everything is a ratio to this one. */
export const BASE: Row = { name: 'Easel, float32', easel: { open: { precision: 'full' } }, gigabytes: 5 };

/** What a guided step and a decode are measured of. */
export const ROWS: readonly Row[] = [
  { name: 'Easel, int8', easel: { open: { precision: 'int8' } }, gigabytes: 2 },
  {
    name: 'Easel, int8, keys and values subsampled',
    easel: { open: { precision: 'int8' }, step: { subsample: true } },
    gigabytes: 2,
  },
  {
    name: 'Easel, float32, keys and values subsampled',
    easel: { open: { precision: 'full' }, step: { subsample: true } },
    gigabytes: 5,
  },
  { name: 'Easel, float32, a ControlNet', easel: { open: { precision: 'full' }, controlled: true }, gigabytes: 7 },
  { name: 'Easel, int8, a ControlNet', easel: { open: { precision: 'int8' }, controlled: true }, gigabytes: 4 },
  { name: 'Easel, int8, TAESD', easel: { open: { precision: 'int8', vae: 'taesd' } }, gigabytes: 2 },
  {
    name: 'diffusers, bfloat16, channels_last',
    python: ['diffusers_peer.py', { dtype: 'bfloat16', channels_last: true }],
    gigabytes: 4,
  },
  { name: 'OpenVINO, bfloat16', python: ['openvino_peer.py', { precision: 'bf16' }], gigabytes: 6 },
  { name: 'diffusers, float32', python: ['diffusers_peer.py', { dtype: 'float32' }], gigabytes: 8 },
  { name: 'stable-diffusion.cpp, f16', python: ['sdcpp_peer.py', { wtype: 'f16' }], gigabytes: 6, once: true },
];

/** Steps in the pictures that options are compared by. */
const STEPS = 20;

const int8Picture = (how: string, request: Setting['request']): Row => ({
  name: `int8, ${STEPS} steps${how}`,
  easel: { open: { precision: 'int8' }, request: { steps: STEPS, ...request } },
  gigabytes: 2,
});

/** What whole pictures are painted with, from words to pixels. The first is what the others are compared with. */
export const RECIPES: readonly Row[] = [
  int8Picture('', {}),
  int8Picture(', fast', { speed: 'fast' }),
  int8Picture(', fastest', { speed: 'fastest' }),
  int8Picture(', keys and values subsampled', { kvSubsampling: true }),
  int8Picture(', guidance from 0.3 to 5.4', { guidanceInterval: [0.3, 5.4] }),
  {
    name: 'int8, LCM, 4 steps, no guidance, TAESD',
    easel: { open: { precision: 'int8', vae: 'taesd' }, request: { sampler: 'lcm', steps: 4, scale: 1 } },
    gigabytes: 2,
  },
  {
    name: 'int8, TCD, 4 steps, no guidance, TAESD',
    easel: { open: { precision: 'int8', vae: 'taesd' }, request: { sampler: 'tcd', steps: 4, scale: 1 } },
    gigabytes: 2,
  },
  {
    name: 'float32, LCM, 4 steps, no guidance, TAESD',
    easel: { open: { precision: 'full', vae: 'taesd' }, request: { sampler: 'lcm', steps: 4, scale: 1 } },
    gigabytes: 5,
  },
];
