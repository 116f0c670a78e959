import { chatCommands } from '../commands/table.js';
import { AXIS_LENGTH, PARAMETERS } from '../src/bot/request/axes.js';
import { MAX_VARIED } from '../src/bot/request/bounds.js';
import { LANGUAGES, languageName } from '../src/bot/text/i18n.js';
import { table } from './markdown-table.js';

/** What the options of a command do not say. */
const NOTES: Record<string, string> = {
  emoji: 'Member and bot need *Create Expressions*; the picture is shown for confirmation before it is added.',
  grid: `\`across\` and \`down\` take a name, a colon and two to ${AXIS_LENGTH} values: see [Tables](#tables).`,
  models: 'Members with *Manage Server* choose the model of the server here.',
  stats: 'Members with *Manage Server* also see who asked most, and with what.',
  styles: 'Adding and removing are for members with *Manage Server*.',
};

/** @returns the note on a command, if there is one. @throws if a note is on a command that is not there. */
export function noteOn(command: string): string[] {
  const lost = Object.keys(NOTES).find((name) => !chatCommands.has(name));
  if (lost) throw new Error(`scripts/command-notes.ts has a note on /${lost}, which is not there.`);
  return NOTES[command] ? [NOTES[command]] : [];
}

/** Sections on what may stand in a prompt, and in the options of /grid. */
export function promptSections(): string[] {
  return [
    '## Prompts',
    table(
      ['in a prompt', 'what it does'],
      [
        ['`(word)` `(word:1.3)`', 'stresses it, by 1.1 or by as much as it says; brackets nest'],
        ['`[word]`', 'plays it down'],
        ['`{red|blue} car`', `paints one of each, up to ${MAX_VARIED}; with \`count\` so many of them`],
        ['`BREAK`', 'begins a new part, which the model reads by itself'],
        [
          '`<lora:name:0.8>`',
          'paints with [a LoRA](checkpoints.md#loras-embeddings-another-autoencoder), that strongly',
        ],
        ['`\\(` `\\[` `\\{`', 'are plain brackets'],
        ['`[red:blue:0.5]` `[red|blue]` `AND`', 'do nothing here, and the result says so: they are read as words'],
      ],
    ),
    '## Tables',
    'What `/grid` can lay out, from column to column and from row to row.',
    table(
      ['parameter', 'such as'],
      Object.entries(PARAMETERS).map(([name, { example }]) => [name, `\`${name}: ${example}\``]),
    ),
    `With \`words\` the first stands in the prompt and is replaced by each of the others. Names are suggested in the language of whoever types, and understood in all of these: ${LANGUAGES.map(languageName).join(', ')}.`,
  ];
}
