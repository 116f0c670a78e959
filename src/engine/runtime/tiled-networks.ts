import type { Networks } from '../networks.js';
import type { Tile } from '../tile.js';

/** The same networks, for pictures whose edges continue each other: whatever is asked of them, no pipeline needs to say so. */
export function withTile(networks: Networks, tile: Tile): Networks {
  const { int8, room, embedImage } = networks;
  return {
    int8,
    room,
    ...(embedImage && { embedImage }),
    encodeText: (ids, rows, clipSkip) => networks.encodeText(ids, rows, clipSkip),
    predictNoise: (latents, timesteps, context, options) =>
      networks.predictNoise(latents, timesteps, context, { ...options, tile }),
    encodeImage: (pictures) => networks.encodeImage(pictures, tile),
    decodeLatents: (latents) => networks.decodeLatents(latents, tile),
    load: (network) => networks.load(network),
    releasePainter: () => networks.releasePainter(),
    takeNotices: () => networks.takeNotices(),
    close: () => networks.close(),
    [Symbol.asyncDispose]: () => networks.close(),
  };
}
