import { ComponentType } from 'discord-api-types/v10';
import { invalidForm } from '../error.js';
import { atMost } from './fields.js';
import { areFileTypes } from './file-types.js';

// biome-ignore lint/suspicious/noExplicitAny: what a client sent, checked here
type Raw = Record<string, any>;

/** @throws DiscordError 50035 as Discord would for this modal (documentation, "Modal", "Text Input", "Label"). */
export function checkModal(modal: Raw): void {
  const at = 'data';
  if (!modal.title) throw invalidForm(`${at}.title`, 'BASE_TYPE_REQUIRED', 'This field is required');
  atMost(`${at}.title`, modal.title, 45);
  if (!modal.custom_id) throw invalidForm(`${at}.custom_id`, 'BASE_TYPE_REQUIRED', 'This field is required');
  atMost(`${at}.custom_id`, modal.custom_id, 100);
  const rows: Raw[] = modal.components ?? [];
  if (rows.length < 1 || rows.length > 5) {
    throw invalidForm(`${at}.components`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.');
  }
  const ids = new Set<string>();
  for (const [i, row] of rows.entries()) {
    const input = inputOf(row);
    if (!input) continue;
    const path = `${at}.components[${i}]`;
    atMost(`${path}.label`, input.label ?? row.label, 45);
    atMost(`${path}.description`, row.description, 100);
    atMost(`${path}.placeholder`, input.placeholder, 100);
    atMost(`${path}.value`, input.value, 4000);
    atMost(`${path}.custom_id`, input.custom_id, 100);
    if (input.type === ComponentType.TextInput && !input.label && !row.label) {
      throw invalidForm(`${path}.label`, 'BASE_TYPE_REQUIRED', 'This field is required');
    }
    if (input.type === ComponentType.FileUpload) checkUpload(path, row, input);
    if (ids.has(input.custom_id)) {
      throw invalidForm(
        `${path}.custom_id`,
        'COMPONENT_CUSTOM_ID_DUPLICATED',
        'Component custom id cannot be duplicated',
      );
    }
    ids.add(input.custom_id);
  }
}

/** In a label only, 0 to 10 files, 1 unless it says otherwise (documentation, "File Upload"). */
function checkUpload(path: string, row: Raw, { min_values: least = 1, max_values: most = 1, file_types }: Raw): void {
  if (row.type !== ComponentType.Label) {
    throw invalidForm(`${path}.type`, 'UNION_TYPE_CHOICES', 'A file upload must be in a label');
  }
  if (file_types != null && !areFileTypes(file_types)) {
    throw invalidForm(`${path}.component.file_types`, 'COMPONENT_FILE_TYPES_INVALID', 'Invalid file types');
  }
  for (const [name, value, low] of [
    ['min_values', least, 0],
    ['max_values', most, 1],
  ] as const) {
    const at = `${path}.component.${name}`;
    if (value > 10) throw invalidForm(at, 'NUMBER_TYPE_MAX', 'int value should be less than or equal to 10.');
    if (value < low) throw invalidForm(at, 'NUMBER_TYPE_MIN', `int value should be greater than or equal to ${low}.`);
  }
}

/** The input in a row or label; undefined for a text display. */
export function inputOf(row: Raw): Raw | undefined {
  if (row.type === ComponentType.Label) return row.component;
  if (row.type === ComponentType.ActionRow) return row.components?.[0];
  return undefined;
}
