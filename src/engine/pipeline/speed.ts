export const SPEED_NAMES = ['exact', 'fast', 'fastest'] as const;

/** One word for all {@link Shortcuts}. */
export type Speed = (typeof SPEED_NAMES)[number];

/** Less work for nearly the same picture. Steps stay as many as were asked for. */
export interface Shortcuts {
  /**
   * Noise levels, sigma, above the first and up to the second, at which guidance works; elsewhere the prompt's own prediction
   * is taken, which is half the work (Kynkäänniemi et al. 2024, arXiv:2404.07724). SD v1's levels run from 14.6 to 0.03.
   */
  readonly guidanceInterval: readonly [low: number, high: number];
  /** 1 runs the noise predictor at every step, n at every n-th; see {@link StepCache} for the others. */
  readonly cacheInterval: number;
  /**
   * Self-attention takes a quarter of its keys and values where features are largest (Smith et al. 2024, arXiv:2402.13573);
   * `large` does so in pictures of {@link LARGE} latents or more.
   */
  readonly kvSubsampling: boolean | 'large';
}

/** 512x512 pixels. In smaller pictures a quarter is too little, and attention takes little time. */
const LARGE = 64 * 64;

/** Above every model's noise. */
export const HIGHEST_LEVEL = 10_000;

/** Whether there are levels above the one and up to the other, as {@link Shortcuts.guidanceInterval} wants. */
export function isInterval(low: number, high: number): boolean {
  return low >= 0 && low < high && high <= HIGHEST_LEVEL;
}

const EVERYWHERE = [0, HIGHEST_LEVEL] as const;

/** What each word stands for; docs/performance.md has what it costs and gains. */
export const SPEEDS: Readonly<Record<Speed, Shortcuts>> = {
  exact: { guidanceInterval: EVERYWHERE, cacheInterval: 1, kvSubsampling: false },
  fast: { guidanceInterval: EVERYWHERE, cacheInterval: 2, kvSubsampling: false },
  fastest: { guidanceInterval: EVERYWHERE, cacheInterval: 3, kvSubsampling: 'large' },
};

export type SpeedRequest = { readonly [K in keyof Shortcuts]?: Shortcuts[K] | undefined } & {
  readonly speed?: Speed | undefined;
};

/** What is asked for, over what the card says: a word covers all that was said before it, a single option only itself. */
export function shortcutsOf(card: SpeedRequest, request: SpeedRequest): Shortcuts & { speed: Speed } {
  const speed = request.speed ?? card.speed ?? 'exact';
  const own: SpeedRequest = request.speed ? {} : card;
  const {
    guidanceInterval = own.guidanceInterval,
    cacheInterval = own.cacheInterval,
    kvSubsampling = own.kvSubsampling,
  } = request;
  return {
    speed,
    guidanceInterval: guidanceInterval ?? SPEEDS[speed].guidanceInterval,
    cacheInterval: cacheInterval ?? SPEEDS[speed].cacheInterval,
    kvSubsampling: kvSubsampling ?? SPEEDS[speed].kvSubsampling,
  };
}

/** @param shape of the latents, [rows, channels, h, w]. */
export function subsamples({ kvSubsampling }: Pick<Shortcuts, 'kvSubsampling'>, shape: readonly number[]): boolean {
  return kvSubsampling === 'large' ? shape[2]! * shape[3]! >= LARGE : kvSubsampling;
}

/** What a picture's metadata says: the word, and single options that differ from it. */
export function spedUp({ speed, ...own }: Shortcuts & { speed: Speed }): {
  speed?: string;
  guidanceInterval?: string;
  cacheInterval?: number;
  kvSubsampling?: string;
} {
  const word = SPEEDS[speed];
  const same = own.guidanceInterval.every((level, i) => level === word.guidanceInterval[i]);
  return {
    ...(speed !== 'exact' && { speed }),
    ...(!same && { guidanceInterval: own.guidanceInterval.join('-') }),
    ...(own.cacheInterval !== word.cacheInterval && { cacheInterval: own.cacheInterval }),
    ...(own.kvSubsampling !== word.kvSubsampling && { kvSubsampling: String(own.kvSubsampling) }),
  };
}
