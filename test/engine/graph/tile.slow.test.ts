import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../../src/engine/networks.js';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { TILES, type Tile, wraps } from '../../../src/engine/tile.js';
import { embedded } from '../../embedded.js';
import { build, distance, FEEDS, FORMS, offBy, rolled } from './tiles.js';

const NETWORKS = {
  // Moved by a whole number of the smallest features.
  decoder: { input: 'latent_sample', step: 1, scale: embedded.downsampling },
  encoder: { input: 'sample', step: embedded.downsampling, scale: 1 / embedded.downsampling },
  unet: { input: 'sample', step: 4, scale: 1 },
};

describe.each(Object.entries(NETWORKS))('the %s of seamless tiles', (network, { input, step, scale }) => {
  test.each(TILES)('computes what torch does with circular convolutions: %s', async (tile) => {
    for (const form of network === 'unet' ? ['fused'] : ['fused', 'bands']) {
      await using session = new NetworkSession(network, () => build(network, { ...FORMS[form]!, tile }), {});
      expect(offBy(tile, network, Object.values(await session.run(FEEDS[network]!))[0]!), form).toBeLessThan(2e-4);
    }
  });

  // Numbers that are rounded to 8 bits fall on the other side now and then.
  test.each([
    ['fused', 1e-5],
    ['bands', 1e-5],
    ['int8', 0.04],
  ] as const)('moves its result along with its input, just where edges meet: %s', async (form, tolerance) => {
    const feeds = FEEDS[network]!;
    const off = async (tile?: Tile) => {
      const own = { ...FORMS[form]!, ...(tile && { tile }) };
      await using session = new NetworkSession(network, () => build(network, own), {});
      const fixed = Object.values(await session.run(feeds))[0]!;
      const size = distance(fixed, { ...fixed, data: new Float32Array(fixed.data.length) });
      const follows = async (down: number, right: number) => {
        const moved = rolled(feeds[input] as Tensor, down, right);
        const got = Object.values(await session.run({ ...feeds, [input]: moved }))[0]!;
        return distance(got, rolled(fixed, down * scale, right * scale)) / size;
      };
      const d = { right: await follows(0, step), down: await follows(step, 0) };
      return { right: d.right < tolerance, down: d.down < tolerance };
    };
    for (const tile of [undefined, ...TILES]) {
      const { across, down } = wraps(tile);
      expect(await off(tile), tile).toEqual({ right: across, down });
    }
  });
});
