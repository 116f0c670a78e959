/** Discord's limits (documentation, "Emoji", "Sticker"): pixels per side, bytes, and characters of a name. */
export const KINDS = {
  emoji: { side: 128, bytes: 256 * 1024, name: 32 },
  sticker: { side: 320, bytes: 512 * 1024, name: 30 },
} as const;

/** Discord calls a guild's custom emojis and stickers its expressions. */
export type Kind = keyof typeof KINDS;

/** Discord's rule for emoji names, applied to stickers too, so that one name works for both. */
export function isName(name: string, kind: Kind): boolean {
  return /^\w{2,}$/.test(name) && name.length <= KINDS[kind].name;
}
