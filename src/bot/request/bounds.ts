/** What a request may say. */
export const STEPS = { low: 1, high: 150 } as const;
export const SCALE = { low: 0, high: 30 } as const;

/** Pictures of one request that differ in the seed alone. */
export const MAX_COUNT = 4;

/** Pictures of one request whose pictures differ in more than the seed: as many as a select menu has options. */
export const MAX_VARIED = 25;

/** Characters of a prompt that a member types. */
export const PROMPT_LENGTH = 1500;

/**
 * Characters of a prompt, with all that a style or a table puts into it: three times what the longest prompt that a model
 * reads has. It is checked before anything is computed from the words.
 */
export const MAX_WORDS = 2500;

/** img2img at this strength keeps what a picture shows and changes how. */
export const VARIATION_STRENGTH = 0.6;

/**
 * Bytes that the bot may upload anywhere, and of an upload that it fetches: Discord's default for everybody. An interaction's `attachment_size_limit` may be higher, by its user's Nitro or its
 * guild's boosts, and holds for answers to that interaction only (documentation, "Uploading Files").
 */
export const FILE_LIMIT = 10 * 1024 * 1024;
