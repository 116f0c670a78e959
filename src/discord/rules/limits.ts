/** Limits of a message (documentation, "Create Message", "Embed Limits", "Component Reference"). */
export const LIMITS = {
  content: 2000,
  embeds: 10,
  embedTotal: 6000,
  embed: { title: 256, description: 4096, fields: 25, fieldName: 256, fieldValue: 1024, footer: 2048, author: 256 },
  rows: 5,
  buttons: 5,
  customId: 100,
  label: 80,
  url: 512,
  options: 25,
  optionText: 100,
  placeholder: 150,
  components: 40,
  /** Characters in all text displays together. */
  text: 4000,
  gallery: 10,
  section: 3,
  files: 10,
  stickers: 3,
  /** Users or roles in allowed_mentions. */
  mentions: 100,
  /** Different emojis under one message. */
  reactions: 20,
  description: 1024,
  /** Bytes of a file, without Nitro or boosts (documentation, "Uploading Files"). */
  file: 10 * 1024 * 1024,
  /** Bytes of a request including its files. */
  request: 25 * 1024 * 1024,
} as const;
