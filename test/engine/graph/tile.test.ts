import { describe, expect, test } from 'vitest';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { TILES } from '../../../src/engine/tile.js';
import { embedded } from '../../embedded.js';
import { build, distance, FEEDS, FORMS, offBy, rolled } from './tiles.js';

describe('the decoder of seamless tiles', () => {
  test.each(TILES)('computes what torch does with circular convolutions: %s', async (tile) => {
    await using session = new NetworkSession('decoder', () => build('decoder', { ...FORMS.fused!, tile }), {});
    expect(offBy(tile, 'decoder', (await session.run(FEEDS.decoder!)).sample!)).toBeLessThan(2e-4);
  });

  test('moves the picture along with its latents', async () => {
    const tile = 'both' as const;
    await using session = new NetworkSession('decoder', () => build('decoder', { ...FORMS.fused!, tile }), {});
    const { latent_sample } = FEEDS.decoder!;
    const { sample } = await session.run(FEEDS.decoder!);
    const moved = await session.run({ latent_sample: rolled(latent_sample as typeof sample & object, 3, 5) });
    expect(distance(moved.sample!, rolled(sample!, 3 * embedded.downsampling, 5 * embedded.downsampling))).toBeLessThan(
      1e-5,
    );
  });
});
