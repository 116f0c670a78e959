/** Limits of a request. */
export const STEPS = { low: 1, high: 150 } as const;
export const SCALE = { low: 0, high: 30 } as const;

/** Most weight of a ControlNet. */
export const MAX_WEIGHT = 2;

/** Most pictures of a request that only differ in their seed. */
export const MAX_COUNT = 4;

/** Most pictures of a request whose pictures differ in more than the seed: as many as a select menu has options. */
export const MAX_VARIED = 25;

/** Most characters of a prompt typed by a member. */
export const PROMPT_LENGTH = 1500;

/**
 * Most characters of a prompt, including what a style or a table adds: three times the longest prompt that a model
 * reads. Checked before anything is computed from the prompt.
 */
export const MAX_WORDS = 2500;

/** How many times as wide and high a picture may become. */
export const MOST_TIMES = 8;

/** At this strength, img2img keeps what a picture shows but changes how. */
export const VARIATION_STRENGTH = 0.6;

/** At this strength, a blend is a picture of its own and not yet something else. */
export const BLEND_STRENGTH = 0.7;

/** Subtle variations: how much of another seed's noise is mixed in; and the part of img2img's strength where there is no seed. */
export const SUBTLE = { variation: 0.2, strength: 0.5 } as const;

/**
 * Most bytes of a file that the bot uploads or downloads: Discord's default limit. An interaction's
 * `attachment_size_limit` may be higher, through its user's Nitro or its guild's boosts, and only applies to answers to
 * that interaction (documentation, "Uploading Files").
 */
export const FILE_LIMIT = 10 * 1024 * 1024;
