/** What to paint, in plain data: it is stored, sent to the painter process and written into the picture's metadata. */
export interface PaintRequest {
  readonly kind: 'txt2img' | 'img2img' | 'inpaint' | 'upscale';
  readonly prompt: string;
  readonly negative: string;
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly steps: number;
  readonly scale: number;
  readonly sampler: string;
  /** Picture k is painted from seed + k, so that each can be painted again alone. */
  readonly seed: number;
  /** Name of a folder or file below models/. */
  readonly model: string;
  /** img2img, inpaint, upscale: 0 keeps the picture, 1 ignores it. */
  readonly strength?: number;
  /** Key of the source picture (and mask) in the picture cache. */
  readonly source?: string;
  readonly mask?: string;
}

/** Where the answer goes. A token is good for 15 minutes; after that the answer is a reply in the channel. */
export interface JobOrigin {
  readonly applicationId: string;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly tokenExpiresAt: number;
  readonly channelId: string;
  readonly guildId: string | null;
  readonly userId: string;
  readonly locale: string;
  readonly ephemeral: boolean;
  readonly spoiler: boolean;
  /** Bytes. */
  readonly attachmentSizeLimit: number;
  /** The user installed the app for themself and the guild did not: no channel messages. */
  readonly userInstalled: boolean;
}

/** One request in the queue. Persisted before it is acknowledged; removed when its answer was delivered. */
export interface Job {
  /** 16 characters of base32, in time order. */
  readonly id: string;
  readonly request: PaintRequest;
  readonly origin: JobOrigin;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Pixels x steps x pictures: what a fair share is counted in. */
  readonly work: number;
  /** Times that the painter died on it. */
  attempts: number;
}
