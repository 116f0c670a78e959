export const TILINGS = ['auto', 'on', 'off'] as const;

/**
 * Whether the autoencoder computes in bands of lines in float32, as it always does in int8: the same picture in less
 * memory, more slowly. `auto`: where there is not enough memory for the whole.
 */
export type Tiling = (typeof TILINGS)[number];
