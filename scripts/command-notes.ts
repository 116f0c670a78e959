import { chatCommands } from '../commands/table.js';
import { AXIS_LENGTH, PARAMETERS } from '../src/bot/request/axes.js';
import { MAX_VARIED } from '../src/bot/request/bounds.js';
import { TYPED, TYPED_NAMES } from '../src/bot/request/parameters.js';
import { LANGUAGES, languageName, translateFor } from '../src/bot/text/i18n.js';
import { MAX_JOINED } from '../src/engine/text/joined.js';
import { table } from './markdown-table.js';

const english = translateFor('en');

/** What the options of a command do not say. */
const NOTES: Record<string, string> = {
  blend:
    'The pictures are cut to the shape of the first and laid over each other: their latents are mixed by `weights`. The server’s model then paints over the mixture at `strength`. At a low one it looks like two exposures of one film; the higher it is, the more the model makes something of its own of it, and the less is left of the pictures. Without `prompt`, the prompts that are stored in the pictures are taken together. The buttons under the result work as under any other.',
  describe:
    'Only the member sees the answer: up to three prompts, each with a button that paints it with the server’s model. It needs [a CLIP](checkpoints.md#clip), which the operator adds with `npx easel pull clip`; where the model has a list of what it knows, the prompts keep to it.',
  emoji:
    'The member and the bot both need *Create Expressions*; the picture is shown for confirmation before it is added.',
  grid: `\`across\` and \`down\` take a name, a colon and two to ${AXIS_LENGTH} values: see [Tables](#tables).`,
  imagine:
    'Which aspect ratios there are follows from what the operator’s model can paint; with `image`, the pictures have that picture’s shape, at about the model’s own size. `control` and `weight` are there if the operator has [a ControlNet](checkpoints.md#controlnets) for one of the models: the pictures follow the one in `image`, and start from it as well only if `strength` is given. Depth, pose and areas take a map that is one already. With `variation_strength`, all pictures begin with the noise of `seed`, a little of another seed’s mixed in: picture 2 takes the number after `variation_seed`, and so on. AUTOMATIC1111 calls this a variation seed, and mixes in the same way. With `tile`, copies of a picture join without a seam at its left and right edges, at top and bottom, or at all four: for textures and wallpapers. It does not go with `control`, nor with models that are folders of ONNX graphs; a T button shows whoever presses it copies side by side.',
  block:
    'A blocked member gets one sentence, which only they see, from commands, buttons and the Apps menu; reactions and mentions get no answer. What they have waiting in this server is cancelled. They can still use /help and /privacy, and delete and cancel what is theirs. Members with *Manage Server* cannot be blocked.',
  prefer:
    'What is chosen in `/imagine` comes first, then these, then the server’s defaults (`/settings defaults` and its model), then the model’s own. The server’s rules and limits bind them like anything typed: refused words, hourly limits, who may paint where. What is not possible somewhere (a model that was taken away, a style that this server does not have, a negative prompt with words that it refuses) is left out there, and the result says so. They are the same in every server, and an image to start from keeps its own shape.',
  inpaint:
    'With `area`, *masked* paints only the masked part, with 32 pixels around it, as large as the model paints, and puts it back: small masks get all the detail there is, and the picture keeps its own size, up to four megapixels, and every pixel outside the mask. AUTOMATIC1111 calls this “only masked”. *Whole*, if left out, fits the picture to the model first.',
  mine: 'Only you see the answer. In a server it has what you painted in that server, in the channels that you can still see; in direct messages with the bot it has everything of yours. Choose a result from the menu to paint it again with a new seed, get its files, make it a favourite, see how it was made or delete it with its message. Pictures that may not be safe for work are only shown where the server shows them. It goes back to about 5,000 results in each server.',
  models: 'Members with *Manage Server* also choose the server’s model here.',
  help: 'The answer is in the reader’s own language; results are in the server’s, where it has chosen one.',
  queue:
    'The list is of one moment: its button brings it up to date. Where several painters work, each is named: its machine, its model, its seconds a picture lately, and whether it paints, is free, or rests because it kept failing.',
  seed: 'Seed, steps and all other settings stand in the picture, not in its message.',
  stats:
    'Where several painters work, each is named, as in /queue. Members with *Manage Server* also see who asked for most, how long painters took for it, and with which models and samplers. With `csv` they get a file with the usage of every member.',
  settings: 'What refused words match, what the log says and how quotas work: [Moderation](operating.md#moderation).',
  upscale:
    '`by`, `with` and `details` are there if the operator has [an upscaler](checkpoints.md#upscalers), a network that only makes pictures larger; the first by name is used unless `with` names another. Then a model paints details over it at `strength` if `details`, `prompt` or `strength` is given. Without an upscaler, the picture becomes twice as large and details are always painted. A picture of more than a megapixel is shrunk first. The message and the picture say what was used.',
  styles: 'Only members with *Manage Server* can add and remove styles.',
  wildcards:
    'Lists are the server’s own, and the operator’s [files](operating.md#wildcards); of two with one name, the server’s counts. The seed of a picture chooses its words, so the same seed gives the same ones. An entry may have `{a|b}` and other wildcards in it, and what all of it becomes is checked for blocked words. In a negative prompt, wildcards are words. Only members with *Manage Server* can add and remove lists.',
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
        ['`(word)` `(word:1.3)`', 'adds weight: 1.1 times, or the number given; brackets nest'],
        ['`[word]`', 'takes weight away'],
        ['`{red|blue} car`', `paints one of each, up to ${MAX_VARIED}; with \`count\`, that many of them`],
        ['`[red:blue:0.5]` `[red:blue:8]`', 'is red at first, and blue from half of the steps on, or from step 8'],
        ['`[blue:0.5]` `[red::0.5]`', 'adds a word later, or takes one away'],
        ['`[red|blue|]`', 'changes at every step, here to nothing as well'],
        [
          '`a cat AND a dog :0.8`',
          `are prompts of their own, up to ${MAX_JOINED}, guided by each at its weight: 1 if left out, below 0 away from it`,
        ],
        [
          '`__animal__` `__animals/*__`',
          'becomes a word of [a list](#wildcards), another in each picture; with several lists, of any of them',
        ],
        ['`BREAK`', 'starts a new part, which the model reads separately'],
        [
          '`<lora:name:0.8>`',
          'paints with [a LoRA](checkpoints.md#loras-embeddings-another-autoencoder) at that weight',
        ],
        ['`\\(` `\\[` `\\{`', 'are plain brackets'],
      ],
    ),
    'All of this is AUTOMATIC1111’s, and paints the same: steps are counted as it counts them, twice each with Heun, DPM2, DPM++ 2S and DPM++ SDE, the first one twice, and 0.5 is half of `steps` even if `strength` leaves some of them out. A picture that is enlarged has passed all of its steps: what changes has changed, and 1.5 is the middle of enlarging. Words in brackets nest. A negative prompt changes too, but AND is a word in it.',
    '### At the end of a prompt',
    'As in Midjourney, after the words: `a red apple --ar 3:2 --no people --seed 7 --steps 30`. They do what the options do; an option that says something else wins, and the answer says so. A long dash, which phones make of two hyphens, is as good. In forms and in `/vary`, `/inpaint`, `/upscale`, `/blend` and `/grid` those work that have a meaning there. Write `\\--seed` for the word.',
    table(
      ['parameter', 'also', 'what it takes'],
      TYPED_NAMES.map((name) => {
        const { aliases, takes, values } = TYPED[name] as { aliases: string[]; takes: string; values?: object };
        return [
          `\`--${name}\``,
          aliases.map((alias) => `\`--${alias}\``).join(' '),
          english(`parameter.${takes}`, { ...values }),
        ];
      }),
    ),
    '## Tables',
    'What `/grid` can lay out, from column to column and from row to row.',
    table(
      ['parameter', 'such as'],
      Object.entries(PARAMETERS).map(([name, { example }]) => [name, `\`${name}: ${example}\``]),
    ),
    `With \`words\`, the first value must be in the prompt, and each of the others takes its place. Write decimal commas between semicolons: \`scale: 2,5; 5; 7,5\`. Names are suggested in the language of whoever types, and understood in all of these: ${LANGUAGES.map(languageName).join(', ')}.`,
  ];
}
