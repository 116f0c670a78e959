import { TextInputBuilder, TextInputStyle } from 'discord.js';
import { MAX_WORDS } from '../request/bounds.js';
import { cut } from '../text/cut.js';

/** Most characters of a number in a form: no number is written with more. */
const SHORT = 25;

/** A field of a form for words, filled in. It takes all that a request may have, so that what it shows comes back whole. */
export function wordsField(name: string, value: string): TextInputBuilder {
  return field(name, value, TextInputStyle.Paragraph, MAX_WORDS);
}

/** A field of a form for a number, filled in. */
export function numberField(name: string, value: string): TextInputBuilder {
  return field(name, value, TextInputStyle.Short, SHORT);
}

function field(name: string, value: string, style: TextInputStyle, most: number): TextInputBuilder {
  return new TextInputBuilder().setCustomId(name).setStyle(style).setValue(cut(value, most)).setMaxLength(most);
}
