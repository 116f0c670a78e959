import { MessageFlags } from 'discord-api-types/v10';
import { DiscordError, invalidForm } from '../error.js';
import { type Component, checkComponents } from './components.js';
import { atMost, between, characters, required } from './fields.js';
import { LIMITS } from './limits.js';

interface Input {
  content?: string | null;
  embeds?: Embed[] | null;
  components?: Component[] | null;
  attachments?: { id: string | number; description?: string | null; filename?: string }[] | null;
  flags?: number;
  allowed_mentions?: { parse?: string[]; users?: string[]; roles?: string[] } | null;
  sticker_ids?: string[];
  poll?: unknown;
}

interface Embed {
  url?: string;
  image?: { url?: string };
  thumbnail?: { url?: string };
  title?: string;
  description?: string;
  footer?: { text: string };
  author?: { name: string };
  fields?: { name: string; value: string }[];
}

/** @throws DiscordError as Discord would for this message. */
export function checkMessage(input: Input): void {
  const { content, embeds, components, flags = 0 } = input;
  if (flags & MessageFlags.IsComponentsV2) {
    if (content) throw invalidForm('content', 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', V2);
    if (embeds?.length) throw invalidForm('embeds', 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', V2);
  }
  if (input.sticker_ids?.length) {
    between('sticker_ids', input.sticker_ids.length, 1, LIMITS.stickers);
    if (flags & MessageFlags.IsComponentsV2) {
      throw invalidForm('sticker_ids', 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', V2);
    }
  }
  atMost('content', content, LIMITS.content);
  checkEmbeds(embeds ?? []);
  checkMentions(input.allowed_mentions ?? {});
  checkComponents(components ?? [], Boolean(flags & MessageFlags.IsComponentsV2));
  for (const [i, { description }] of (input.attachments ?? []).entries()) {
    atMost(`attachments[${i}].description`, description, LIMITS.description);
  }
  if ((input.attachments?.length ?? 0) > LIMITS.files) {
    throw invalidForm('attachments', 'BASE_TYPE_MAX_LENGTH', `Must be ${LIMITS.files} or fewer in length.`);
  }
}

/** @throws DiscordError 50006 if the message has nothing visible. */
export function checkNotEmpty(input: Input, files: number): void {
  const { content, embeds, components, sticker_ids, poll } = input;
  if (content || embeds?.length || components?.length || sticker_ids?.length || poll || files > 0) return;
  throw new DiscordError(400, 50006, 'Cannot send an empty message');
}

const V2 = 'The content, embeds and sticker_ids fields cannot be used with the IS_COMPONENTS_V2 flag.';

/** Either all users (or roles) or those listed (documentation, "Allowed Mentions Object"). */
function checkMentions(allowed: NonNullable<Input['allowed_mentions']>): void {
  for (const kind of ['users', 'roles'] as const) {
    const named = allowed[kind]?.length ?? 0;
    const at = `allowed_mentions.${kind}`;
    between(at, named, 0, LIMITS.mentions);
    if (named > 0 && allowed.parse?.includes(kind)) {
      throw invalidForm(
        at,
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse: ["${kind}"] and ${kind}: [...] exclude one another.`,
      );
    }
  }
}

function checkEmbeds(embeds: readonly Embed[]): void {
  if (embeds.length > LIMITS.embeds)
    throw invalidForm('embeds', 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  let total = 0;
  const part = (path: string, text: string | undefined, limit: number) => {
    atMost(path, text, limit);
    total += characters(text ?? '');
  };
  for (const [i, embed] of embeds.entries()) {
    const at = `embeds[${i}]`;
    const { embed: limit } = LIMITS;
    for (const name of ['image', 'thumbnail'] as const) {
      const url = embed[name]?.url;
      if (url !== undefined && !/^(https?|attachment):\/\//.test(url)) {
        throw invalidForm(
          `${at}.${name}.url`,
          'URL_TYPE_INVALID_SCHEME',
          `Scheme must be one of ('http', 'https', 'attachment').`,
        );
      }
    }
    part(`${at}.title`, embed.title, limit.title);
    part(`${at}.description`, embed.description, limit.description);
    part(`${at}.footer.text`, embed.footer?.text, limit.footer);
    part(`${at}.author.name`, embed.author?.name, limit.author);
    if ((embed.fields?.length ?? 0) > limit.fields) {
      throw invalidForm(`${at}.fields`, 'BASE_TYPE_MAX_LENGTH', 'Must be 25 or fewer in length.');
    }
    for (const [k, field] of (embed.fields ?? []).entries()) {
      part(`${at}.fields[${k}].name`, field.name, limit.fieldName);
      part(`${at}.fields[${k}].value`, field.value, limit.fieldValue);
      if (!field.name || !field.value) {
        throw required(`${at}.fields[${k}]`);
      }
    }
  }
  if (total > LIMITS.embedTotal) {
    throw invalidForm('embeds', 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${LIMITS.embedTotal}`);
  }
}
