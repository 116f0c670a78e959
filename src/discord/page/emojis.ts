/** Offered in a message's menu: first what a result answers to. */
export const QUICK_EMOJIS: readonly string[] = ['🔁', '❤️', '🗑️', '👍'];
