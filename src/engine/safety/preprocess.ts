import type { Pixels } from '../image/pixels.js';
import { resize } from '../image/resize.js';
import type { Tensor } from '../networks.js';

/** Side of most CLIPs' input, in pixels. */
const SIDE = 224;
/** Of CLIP's training pictures, by channel (Radford et al. 2021; openai/CLIP, clip.py). */
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const DEVIATION = [0.26862954, 0.26130258, 0.27577711];

/**
 * What CLIP's vision tower sees: the shorter side resized to its input's (bicubic), the middle square cut out, normalised.
 * @returns [pictures, 3, side, side]
 */
export function preprocess(pictures: readonly Pixels[], side = SIDE): Tensor {
  const plane = side * side;
  const data = new Float32Array(pictures.length * 3 * plane);
  pictures.forEach((picture, row) => {
    const { width, height, data: bytes } = shortSideTo(picture, side);
    const top = Math.floor((height - side) / 2);
    const left = Math.floor((width - side) / 2);
    for (let channel = 0; channel < 3; channel++) {
      const values = NORMALISED[channel]!;
      let to = (row * 3 + channel) * plane;
      for (let y = 0; y < side; y++) {
        const from = ((top + y) * width + left) * 3 + channel;
        for (let x = 0; x < side; x++) data[to++] = values[bytes[from + 3 * x]!]!;
      }
    }
  });
  return { data, shape: [pictures.length, 3, side, side] };
}

function shortSideTo(picture: Pixels, side: number): Pixels {
  const { width, height } = picture;
  const longer = Math.trunc((side * Math.max(width, height)) / Math.min(width, height));
  return width < height ? resize(picture, side, longer, 'bicubic') : resize(picture, longer, side, 'bicubic');
}

/** (byte / 255 - mean) / deviation by channel and byte, each step in float32. */
const NORMALISED = MEAN.map((mean, channel) =>
  Float32Array.from({ length: 256 }, (_, byte) => {
    const centred = Math.fround(Math.fround(byte * (1 / 255)) - Math.fround(mean));
    return centred / Math.fround(DEVIATION[channel]!);
  }),
);
