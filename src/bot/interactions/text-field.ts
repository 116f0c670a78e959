import { TextInputBuilder, TextInputStyle } from 'discord.js';
import { PROMPT_LENGTH } from '../request/bounds.js';
import { cut } from '../text/cut.js';

/** Most characters of a number in a form. */
const SHORT = 20;

/** A field of a form for words, filled in. @param value is cut to what Discord takes. */
export function wordsField(name: string, value: string): TextInputBuilder {
  return field(name, value, TextInputStyle.Paragraph, PROMPT_LENGTH);
}

/** A field of a form for a number, filled in. */
export function numberField(name: string, value: string): TextInputBuilder {
  return field(name, value, TextInputStyle.Short, SHORT);
}

function field(name: string, value: string, style: TextInputStyle, most: number): TextInputBuilder {
  return new TextInputBuilder()
    .setCustomId(name)
    .setStyle(style)
    .setValue(cut(value, PROMPT_LENGTH))
    .setMaxLength(most);
}
