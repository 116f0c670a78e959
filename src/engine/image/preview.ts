import { byteOf, type Pixels } from './pixels.js';

/** Latents to colours, roughly: one row of red, green and blue (-1..1) a latent channel, then one of constants. */
export type PreviewMatrix = readonly (readonly [red: number, green: number, blue: number])[];

/**
 * For SD v1's autoencoder, found by Kevin Turner by comparing latents with decoded pictures
 * (https://discuss.huggingface.co/t/decoding-latents-to-rgb-without-upscaling/23204/2).
 */
export const SD1_PREVIEW: PreviewMatrix = [
  [0.298, 0.207, 0.208],
  [0.187, 0.286, 0.173],
  [-0.158, 0.189, 0.264],
  [-0.184, -0.271, -0.473],
  [0, 0, 0],
];

/**
 * A picture of one pixel a latent, in no time: good enough to see what is being painted.
 * @param latents [channels, height, width] in the sampler's scale (for SD v1 the encoder's times 0.18215)
 */
export function preview(latents: Float32Array, width: number, height: number, matrix: PreviewMatrix): Pixels {
  const plane = width * height;
  const constants = matrix.at(-1)!;
  const data = new Uint8Array(plane * 3);
  for (let i = 0; i < plane; i++) {
    for (let colour = 0; colour < 3; colour++) {
      let value = constants[colour]!;
      for (let channel = 0; channel < matrix.length - 1; channel++) {
        value += matrix[channel]![colour]! * latents[channel * plane + i]!;
      }
      data[3 * i + colour] = byteOf((value + 1) / 2);
    }
  }
  return { width, height, data };
}
