import { characters } from '../rules/fields.js';
import { Component } from './numbers.js';
import { t } from './words.js';

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
  const length = typeof value === 'string' ? characters(value) : (value?.length ?? 0);
  if (length === 0) return needed ? t('wrong.field') : null;
  if (typeof value === 'string' && length < (input.min_length ?? 0))
    return t('wrong.short', { least: input.min_length ?? 0 });
  const most = input.max_length ?? 4000;
  if (typeof value === 'string' && length > most) return t('wrong.long', { most, length });
  if (Array.isArray(value) && length < (input.min_values ?? 0))
    return t('wrong.least', { least: input.min_values ?? 1 });
  return null;
}
