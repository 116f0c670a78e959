import { ButtonStyle, ComponentType, MessageFlags } from 'discord-api-types/v10';
import { DiscordError, invalidForm } from '../error.js';

/** What a message may hold (documentation, "Create Message", "Embed Limits", "Component Reference"). */
export const LIMITS = {
  content: 2000,
  embeds: 10,
  embedTotal: 6000,
  embed: { title: 256, description: 4096, fields: 25, fieldName: 256, fieldValue: 1024, footer: 2048, author: 256 },
  rows: 5,
  buttons: 5,
  customId: 100,
  label: 80,
  options: 25,
  optionText: 100,
  placeholder: 150,
  components: 40,
  files: 10,
  description: 1024,
  request: 25 * 1024 * 1024,
} as const;

interface Input {
  content?: string | null;
  embeds?: Embed[] | null;
  components?: Component[] | null;
  attachments?: { id: string | number; description?: string | null; filename?: string }[] | null;
  flags?: number;
  sticker_ids?: string[];
  poll?: unknown;
}

interface Embed {
  title?: string;
  description?: string;
  footer?: { text: string };
  author?: { name: string };
  fields?: { name: string; value: string }[];
}

interface Component {
  type: number;
  custom_id?: string;
  label?: string;
  style?: number;
  url?: string;
  emoji?: unknown;
  options?: { label: string; value: string; description?: string }[];
  placeholder?: string;
  components?: Component[];
  accessory?: Component;
  items?: unknown[];
}

const SELECTS: readonly number[] = [
  ComponentType.StringSelect,
  ComponentType.UserSelect,
  ComponentType.RoleSelect,
  ComponentType.MentionableSelect,
  ComponentType.ChannelSelect,
];

/** @throws DiscordError as Discord would answer to this message. */
export function checkMessage(input: Input): void {
  const { content, embeds, components, flags = 0 } = input;
  if (flags & MessageFlags.IsComponentsV2) {
    if (content) throw invalidForm('content', 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', V2);
    if (embeds?.length) throw invalidForm('embeds', 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', V2);
  }
  atMost('content', content, LIMITS.content);
  checkEmbeds(embeds ?? []);
  checkComponents(components ?? [], Boolean(flags & MessageFlags.IsComponentsV2));
  for (const [i, { description }] of (input.attachments ?? []).entries()) {
    atMost(`attachments[${i}].description`, description, LIMITS.description);
  }
  if ((input.attachments?.length ?? 0) > LIMITS.files) {
    throw invalidForm('attachments', 'BASE_TYPE_MAX_LENGTH', `Must be ${LIMITS.files} or fewer in length.`);
  }
}

/** @throws DiscordError 50006 if there is nothing in it to see. */
export function checkNotEmpty(input: Input, files: number): void {
  const { content, embeds, components, sticker_ids, poll } = input;
  if (content || embeds?.length || components?.length || sticker_ids?.length || poll || files > 0) return;
  throw new DiscordError(400, 50006, 'Cannot send an empty message');
}

const V2 = 'The content and embeds fields cannot be used with the IS_COMPONENTS_V2 flag.';

function checkEmbeds(embeds: readonly Embed[]): void {
  if (embeds.length > LIMITS.embeds)
    throw invalidForm('embeds', 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  let total = 0;
  const part = (path: string, text: string | undefined, limit: number) => {
    atMost(path, text, limit);
    total += text?.length ?? 0;
  };
  for (const [i, embed] of embeds.entries()) {
    const at = `embeds[${i}]`;
    const { embed: limit } = LIMITS;
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
        throw invalidForm(`${at}.fields[${k}]`, 'BASE_TYPE_REQUIRED', 'This field is required');
      }
    }
  }
  if (total > LIMITS.embedTotal) {
    throw invalidForm('embeds', 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${LIMITS.embedTotal}`);
  }
}

function checkComponents(components: readonly Component[], v2: boolean): void {
  if (!v2 && components.length > LIMITS.rows) {
    throw invalidForm('components', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.');
  }
  const ids = new Set<string>();
  let count = 0;
  const visit = (component: Component, path: string): void => {
    count++;
    if (!v2 && count === 1 && component.type !== ComponentType.ActionRow) {
      throw invalidForm(`${path}.type`, 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1,).');
    }
    checkComponent(component, path, ids);
    for (const [i, inner] of (component.components ?? []).entries()) visit(inner, `${path}.components[${i}]`);
    if (component.accessory) visit(component.accessory, `${path}.accessory`);
  };
  for (const [i, component] of components.entries()) visit(component, `components[${i}]`);
  if (v2 && count > LIMITS.components) {
    throw invalidForm(
      'components',
      'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
      'The total number of components exceeds 40',
    );
  }
}

function checkComponent(component: Component, path: string, ids: Set<string>): void {
  const { type, custom_id } = component;
  if (type === ComponentType.ActionRow) checkRow(component.components ?? [], path);
  if (type === ComponentType.Button) checkButton(component, path);
  if (SELECTS.includes(type)) checkSelect(component, path);
  const clickable = SELECTS.includes(type) || (type === ComponentType.Button && needsId(component.style));
  if (!clickable) return;
  if (!custom_id) throw invalidForm(`${path}.custom_id`, 'BASE_TYPE_REQUIRED', 'This field is required');
  atMost(`${path}.custom_id`, custom_id, LIMITS.customId);
  if (ids.has(custom_id)) {
    throw invalidForm(
      `${path}.custom_id`,
      'COMPONENT_CUSTOM_ID_DUPLICATED',
      'Component custom id cannot be duplicated',
    );
  }
  ids.add(custom_id);
}

function checkRow(inner: readonly Component[], path: string): void {
  const selects = inner.filter(({ type }) => SELECTS.includes(type)).length;
  const width = inner.length + selects * (LIMITS.buttons - 1);
  if (inner.length === 0 || width > LIMITS.buttons) {
    throw invalidForm(`${path}.components`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.');
  }
}

function checkButton(button: Component, path: string): void {
  atMost(`${path}.label`, button.label, LIMITS.label);
  if (!button.label && !button.emoji) {
    throw invalidForm(path, 'BUTTON_COMPONENT_INVALID_LABEL_OR_EMOJI', 'A button must have a label or emoji');
  }
  if (button.style === ButtonStyle.Link && (!button.url || button.custom_id)) {
    throw invalidForm(`${path}.url`, 'BUTTON_COMPONENT_INVALID_URL', 'A url is required');
  }
}

function checkSelect(select: Component, path: string): void {
  atMost(`${path}.placeholder`, select.placeholder, LIMITS.placeholder);
  if (select.type !== ComponentType.StringSelect) return;
  const options = select.options ?? [];
  if (options.length < 1 || options.length > LIMITS.options) {
    throw invalidForm(`${path}.options`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 25 in length.');
  }
  for (const [i, option] of options.entries()) {
    for (const name of ['label', 'value', 'description'] as const) {
      atMost(`${path}.options[${i}].${name}`, option[name], LIMITS.optionText);
    }
  }
  if (new Set(options.map(({ value }) => value)).size < options.length) {
    throw invalidForm(
      `${path}.options`,
      'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
      'The specified option value is already used',
    );
  }
}

function needsId(style: number | undefined): boolean {
  return style !== ButtonStyle.Link && style !== ButtonStyle.Premium;
}

export function atMost(path: string, text: string | null | undefined, limit: number): void {
  if (text && text.length > limit) {
    throw invalidForm(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${limit} or fewer in length.`);
  }
}
