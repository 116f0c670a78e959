import { ddim } from './ddim.js';
import { deis } from './deis.js';
import { dpmSolver } from './dpm-solver.js';
import { dpm2, dpm2Ancestral } from './dpm2.js';
import { dpmpp2m } from './dpmpp-2m.js';
import { dpmpp2mSde, dpmpp2mSdeHeun } from './dpmpp-2m-sde.js';
import { dpmpp2s } from './dpmpp-2s.js';
import { dpmpp2sAncestral } from './dpmpp-2s-ancestral.js';
import { dpmpp3mSde } from './dpmpp-3m-sde.js';
import { dpmppSde } from './dpmpp-sde.js';
import { euler } from './euler.js';
import { eulerAncestral } from './euler-ancestral.js';
import { heun } from './heun.js';
import { ipndm } from './ipndm.js';
import { lcm } from './lcm.js';
import { lms } from './lms.js';
import { plms } from './plms.js';
import type { Sampler } from './sampler.js';
import { SPACING_NAMES, type Spacing } from './spacing.js';
import { tcd } from './tcd.js';
import { unipc } from './unipc.js';

export interface SamplerEntry {
  /** AUTOMATIC1111's name, or diffusers' where it has none, which is written into pictures' metadata. */
  readonly title: string;
  readonly sample: Sampler;
  /** What {@link SampleOptions.eta} is by default; null where it is not taken. */
  readonly eta: number | null;
  /** What {@link SampleOptions.sigmas} may be. */
  readonly spacings: readonly Spacing[];
  /** What of its schedule may be chosen one by one; what reads levels is given those of timesteps. */
  readonly lists: readonly ('timesteps' | 'sigmas')[];
  /** The noise predictor is called twice a step, the last one perhaps excepted. */
  readonly secondOrder?: true;
}

const plain = { eta: null, spacings: ['default'], lists: ['timesteps'] } as const;
const spaced = { eta: null, spacings: SPACING_NAMES, lists: ['timesteps', 'sigmas'] } as const;

/** By the names of the command line and of Discord's menu. */
export const SAMPLERS = {
  ddim: { title: 'DDIM', sample: ddim, ...plain, eta: 0, spacings: ['default', 'trailing'] },
  plms: { title: 'PLMS', sample: plms, ...plain },
  dpm_solver: { title: 'DPM-Solver++', sample: dpmSolver, ...plain, lists: [] },
  euler: { title: 'Euler', sample: euler, ...spaced },
  euler_a: { title: 'Euler a', sample: eulerAncestral, ...spaced },
  heun: { title: 'Heun', sample: heun, ...spaced, secondOrder: true },
  lms: { title: 'LMS', sample: lms, ...spaced },
  dpm_2: { title: 'DPM2', sample: dpm2, ...spaced, secondOrder: true },
  dpm_2_a: { title: 'DPM2 a', sample: dpm2Ancestral, ...spaced, secondOrder: true },
  dpmpp_2s: { title: 'DPM++ 2S', sample: dpmpp2s, ...spaced, secondOrder: true },
  dpmpp_2s_a: { title: 'DPM++ 2S a', sample: dpmpp2sAncestral, ...spaced, secondOrder: true },
  dpmpp_2m: { title: 'DPM++ 2M', sample: dpmpp2m, ...spaced },
  dpmpp_sde: { title: 'DPM++ SDE', sample: dpmppSde, ...spaced, secondOrder: true },
  dpmpp_2m_sde: { title: 'DPM++ 2M SDE', sample: dpmpp2mSde, ...spaced },
  dpmpp_2m_sde_heun: { title: 'DPM++ 2M SDE Heun', sample: dpmpp2mSdeHeun, ...spaced },
  dpmpp_3m_sde: { title: 'DPM++ 3M SDE', sample: dpmpp3mSde, ...spaced },
  deis: { title: 'DEIS', sample: deis, ...spaced },
  ipndm: { title: 'IPNDM', sample: ipndm, ...spaced },
  unipc: { title: 'UniPC', sample: unipc, ...spaced },
  lcm: { title: 'LCM', sample: lcm, ...plain },
  tcd: { title: 'TCD', sample: tcd, ...plain, eta: 0.3 },
} as const satisfies Record<string, SamplerEntry>;

export type SamplerName = keyof typeof SAMPLERS;
