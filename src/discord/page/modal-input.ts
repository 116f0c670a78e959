import { Component } from './numbers.js';
import { t } from './words.js';
import { wrongLength } from './wrong-length.js';

/** An input of a form, as an app sends it. */
export interface Input {
  type: number;
  id?: number;
  custom_id: string;
  label?: string;
  style?: number;
  value?: string;
  placeholder?: string;
  required?: boolean;
  min_length?: number;
  max_length?: number;
  min_values?: number;
  max_values?: number;
  file_types?: string[];
  options?: { label: string; value: string; description?: string; default?: boolean }[];
  default?: boolean;
  content?: string;
}

/** What an input stands in: a label or an action row. */
export interface Row extends Input {
  description?: string;
  component?: Input;
  components?: Input[];
}

/** An input's initial value. */
export function standing(input: Input): string | boolean | string[] {
  if (input.type === Component.TextInput) return input.value ?? '';
  if (input.type === Component.Checkbox) return input.default ?? false;
  const chosen = (input.options ?? []).filter((option) => option.default).map(({ value }) => value);
  return input.type === Component.RadioGroup ? (chosen[0] ?? '') : chosen;
}

/** Why it cannot be sent, in the words of Discord's client. */
export function problemOf(input: Input, value: string | boolean | string[] | File[] | undefined): string | null {
  const needed = input.required !== false;
  if (typeof value === 'boolean') return null;
  if (!value?.length) return needed ? t('wrong.field') : null;
  const { min_length = 0, max_length = 4000, min_values = 0 } = input;
  if (typeof value === 'string') return wrongLength(value, min_length, max_length);
  return value.length < min_values ? t('wrong.least', { least: min_values }) : null;
}
