/** The emojis in a message's menu, first those that the bot reacts to. */
export const QUICK_EMOJIS: readonly string[] = ['🔁', '❤️', '🗑️', '👍'];
