import type { UNetConfig } from '../model.js';
import type { GraphBuilder, Value } from './builder.js';
import { linear, silu } from './layers.js';

/** Sinusoids of the timestep (cosines first), through two layers; in float32, SiLU for the blocks included. */
export function timeEmbedding(g: GraphBuilder, config: UNetConfig, timestep: Value, guidance?: Value): Value {
  const width = config.blockOutChannels[0]!;
  const half = width / 2;
  return g.inFloat32(() => {
    const frequencies = Array.from({ length: half }, (_, k) => Math.exp((-Math.log(10000) * k) / half));
    const [cos, sin] = waves(g, timestep, frequencies);
    let x = g.op('Concat', [cos, sin], { axis: 1 });
    if (guidance) {
      // Latent consistency models: the embedding of 1000 (scale - 1), sines first (Luo et al. 2023, appendix).
      const dim = config.timeCondDim!;
      const steps = dim / 2 - 1;
      const scales = Array.from({ length: dim / 2 }, (_, k) => 1000 * Math.exp((-Math.log(10000) * k) / steps));
      const [cosW, sinW] = waves(g, g.op('Sub', [guidance, g.floats([1])]), scales);
      const w = g.op('Concat', [sinW, cosW], { axis: 1 });
      x = g.op('Add', [x, linear(g, w, 'time_embedding.cond_proj', dim, width, false)]);
    }
    x = silu(g, linear(g, x, 'time_embedding.linear_1', width, width * 4));
    return silu(g, linear(g, x, 'time_embedding.linear_2', width * 4, width * 4));
  });
}

/** cos and sin of [b] times each frequency: two of [b, frequencies]. */
export function waves(g: GraphBuilder, value: Value, frequencies: readonly number[]): [Value, Value] {
  const angles = g.op('Mul', [g.op('Unsqueeze', [value, g.ints(1)]), g.floats(frequencies)]);
  const small = g.form.waves === 'fused' ? angles : withinHalfATurn(g, angles);
  return [g.op('Cos', [small]), g.op('Sin', [small])];
}

/** The same angles, between -pi and pi. Turns are subtracted in two steps, the first with few digits (Cody & Waite). */
function withinHalfATurn(g: GraphBuilder, angles: Value): Value {
  const turns = g.op('Floor', [g.op('Add', [g.op('Div', [angles, g.floats([2 * Math.PI])]), g.floats([0.5])])]);
  const coarse = g.op('Sub', [angles, g.op('Mul', [turns, g.floats([6.28125])])]);
  return g.op('Sub', [coarse, g.op('Mul', [turns, g.floats([2 * Math.PI - 6.28125])])]);
}
