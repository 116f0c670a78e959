import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { invalidForm } from '../error.js';
import { atMost, between, characters, required } from './fields.js';
import { LIMITS } from './limits.js';

/** The fields of any component that have rules. */
export interface Component {
  type: number;
  custom_id?: string;
  label?: string;
  style?: number;
  url?: string;
  emoji?: unknown;
  options?: { label: string; value: string; description?: string }[];
  placeholder?: string;
  min_values?: number;
  max_values?: number;
  content?: string;
  file?: { url?: string };
  components?: Component[];
  accessory?: Component;
  items?: { description?: string | null }[];
}

export const SELECTS: readonly number[] = [
  ComponentType.StringSelect,
  ComponentType.UserSelect,
  ComponentType.RoleSelect,
  ComponentType.MentionableSelect,
  ComponentType.ChannelSelect,
];

/** Where a component may be placed; null is the message itself (documentation, "Component Reference"). */
const PLACES: Readonly<Record<number, readonly (number | null)[]>> = {
  [ComponentType.ActionRow]: [null, ComponentType.Container],
  [ComponentType.Button]: [ComponentType.ActionRow],
  ...Object.fromEntries(SELECTS.map((type) => [type, [ComponentType.ActionRow]])),
  [ComponentType.Section]: [null, ComponentType.Container],
  [ComponentType.TextDisplay]: [null, ComponentType.Container, ComponentType.Section],
  [ComponentType.MediaGallery]: [null, ComponentType.Container],
  [ComponentType.File]: [null, ComponentType.Container],
  [ComponentType.Separator]: [null, ComponentType.Container],
  [ComponentType.Container]: [null],
};

/** What may be a section's accessory. */
const ACCESSORIES: readonly number[] = [ComponentType.Button, ComponentType.Thumbnail];

/** @param v2 whether the message has IS_COMPONENTS_V2. @throws DiscordError as Discord would for these components. */
export function checkComponents(components: readonly Component[], v2: boolean): void {
  if (!v2 && components.length > LIMITS.rows) {
    throw invalidForm('components', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.');
  }
  const ids = new Set<string>();
  let count = 0;
  let text = 0;
  const visit = (component: Component, path: string, parent: number | null): void => {
    count++;
    text += characters(component.content ?? '');
    const { type } = component;
    const known = PLACES[type]?.includes(parent) ?? false;
    if (!known || (!v2 && parent === null && type !== ComponentType.ActionRow)) throw misplaced(path);
    checkComponent(component, path, ids);
    for (const [i, inner] of (component.components ?? []).entries()) visit(inner, `${path}.components[${i}]`, type);
    if (!component.accessory) return;
    count++;
    if (!ACCESSORIES.includes(component.accessory.type)) throw misplaced(`${path}.accessory`);
    checkComponent(component.accessory, `${path}.accessory`, ids);
  };
  for (const [i, component] of components.entries()) visit(component, `components[${i}]`, null);
  if (count > LIMITS.components) {
    throw invalidForm(
      'components',
      'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
      'The total number of components exceeds 40',
    );
  }
  if (text > LIMITS.text) {
    throw invalidForm(
      'components',
      'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
      'The displayable text size exceeds the maximum size of 4000',
    );
  }
}

function misplaced(path: string) {
  return invalidForm(`${path}.type`, 'UNION_TYPE_CHOICES', 'Value of field "type" is not one that may stand here.');
}

function checkComponent(component: Component, path: string, ids: Set<string>): void {
  const { type, custom_id } = component;
  if (type === ComponentType.ActionRow) checkRow(component.components ?? [], path);
  if (type === ComponentType.Button) checkButton(component, path);
  if (SELECTS.includes(type)) checkSelect(component, path);
  if (type === ComponentType.Section) {
    between(`${path}.components`, component.components?.length ?? 0, 1, LIMITS.section);
    if (!component.accessory) throw required(`${path}.accessory`);
  }
  if (type === ComponentType.TextDisplay && !component.content) throw required(`${path}.content`);
  if (type === ComponentType.MediaGallery) {
    between(`${path}.items`, component.items?.length ?? 0, 1, LIMITS.gallery);
    for (const [i, { description }] of component.items!.entries()) {
      atMost(`${path}.items[${i}].description`, description, LIMITS.description);
    }
  }
  if (type === ComponentType.File && !component.file?.url?.startsWith('attachment://')) {
    throw invalidForm(`${path}.file.url`, 'URL_TYPE_INVALID_SCHEME', "Scheme must be one of ('attachment',).");
  }
  const clickable = SELECTS.includes(type) || (type === ComponentType.Button && needsId(component.style));
  if (!clickable) return;
  if (!custom_id) throw required(`${path}.custom_id`);
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
  if (button.style === ButtonStyle.Link) {
    if (!button.url || button.custom_id)
      throw invalidForm(`${path}.url`, 'BUTTON_COMPONENT_INVALID_URL', 'A url is required');
    atMost(`${path}.url`, button.url, LIMITS.url);
    if (!/^(https?|discord):\/\//.test(button.url)) {
      throw invalidForm(
        `${path}.url`,
        'URL_TYPE_INVALID_SCHEME',
        `Scheme must be one of ('http', 'https', 'discord').`,
      );
    }
  } else if (button.url) {
    throw invalidForm(`${path}.url`, 'BUTTON_COMPONENT_INVALID_URL', 'Only a link button has a url');
  }
}

function checkSelect(select: Component, path: string): void {
  atMost(`${path}.placeholder`, select.placeholder, LIMITS.placeholder);
  const { min_values = 1, max_values = 1 } = select;
  if (min_values > max_values || max_values > LIMITS.options) {
    throw invalidForm(`${path}.max_values`, 'SELECT_COMPONENT_INVALID_RANGE', 'The range of values is not valid');
  }
  if (select.type !== ComponentType.StringSelect) return;
  const options = select.options ?? [];
  if (options.length < 1 || options.length > LIMITS.options) {
    throw invalidForm(`${path}.options`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 25 in length.');
  }
  if (options.length < Math.max(min_values, max_values)) {
    throw invalidForm(`${path}.max_values`, 'SELECT_COMPONENT_MAX_VALUES_TOO_LARGE', 'There are fewer options');
  }
  for (const [i, option] of options.entries()) {
    for (const name of ['label', 'value', 'description'] as const) {
      atMost(`${path}.options[${i}].${name}`, option[name], LIMITS.optionText);
      if (name !== 'description' && !option[name]) throw required(`${path}.options[${i}].${name}`);
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
