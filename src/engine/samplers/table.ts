import { ddim } from './ddim.js';
import { dpmSolver } from './dpm-solver.js';
import { dpmpp2m } from './dpmpp-2m.js';
import { dpmpp2mSde } from './dpmpp-2m-sde.js';
import { dpmppSde } from './dpmpp-sde.js';
import { euler } from './euler.js';
import { eulerAncestral } from './euler-ancestral.js';
import { heun } from './heun.js';
import { lcm } from './lcm.js';
import { lms } from './lms.js';
import { plms } from './plms.js';
import type { Sampler } from './sampler.js';
import { unipc } from './unipc.js';

export interface SamplerEntry {
  /** AUTOMATIC1111's name, which is written into pictures' metadata. */
  readonly title: string;
  readonly sample: Sampler;
  /** Takes {@link SampleOptions.eta}. */
  readonly usesEta: boolean;
  /** Takes {@link SampleOptions.sigmas}. */
  readonly usesSigmas: boolean;
}

const plain = { usesEta: false, usesSigmas: false };
const spaced = { usesEta: false, usesSigmas: true };

/** By the names of the command line and of Discord's menu. */
export const SAMPLERS = {
  ddim: { title: 'DDIM', sample: ddim, usesEta: true, usesSigmas: false },
  plms: { title: 'PLMS', sample: plms, ...plain },
  dpm_solver: { title: 'DPM-Solver++', sample: dpmSolver, ...plain },
  euler: { title: 'Euler', sample: euler, ...spaced },
  euler_a: { title: 'Euler a', sample: eulerAncestral, ...spaced },
  heun: { title: 'Heun', sample: heun, ...spaced },
  lms: { title: 'LMS', sample: lms, ...spaced },
  dpmpp_2m: { title: 'DPM++ 2M', sample: dpmpp2m, ...spaced },
  dpmpp_2m_sde: { title: 'DPM++ 2M SDE', sample: dpmpp2mSde, ...spaced },
  dpmpp_sde: { title: 'DPM++ SDE', sample: dpmppSde, ...spaced },
  unipc: { title: 'UniPC', sample: unipc, ...plain },
  lcm: { title: 'LCM', sample: lcm, ...plain },
} as const satisfies Record<string, SamplerEntry>;

export type SamplerName = keyof typeof SAMPLERS;
