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
    'The pictures are cut to the shape of the first and laid over each other, each as strongly as `weights` says. The server’s model then paints over the mixture at `strength`: a low one looks like a double exposure, and the higher it is, the more is the model’s own and the less is left of the pictures. Without `prompt`, the prompts that are stored in the pictures are taken together. The buttons under the result work as under any other.',
  describe:
    'Only the member sees the answer: up to three prompts, each with a button that paints it with the server’s model. It needs [a CLIP](checkpoints.md#clip), which the operator adds with `npx easel pull clip`; where the model has a list of what it knows, the prompts keep to it.',
  emoji:
    'The member and the bot both need *Create Expressions*; the picture is shown for confirmation before it is added.',
  grid: `\`across\` and \`down\` take a name, a colon and two to ${AXIS_LENGTH} values: see [Tables](#tables).`,
  imagine:
    'Which aspect ratios there are follows from what the operator’s model can paint; with `image`, the pictures have that picture’s shape, at about the model’s own size. `control` and `weight` are there if the operator has [a ControlNet](checkpoints.md#controlnets) for one of the models: the pictures follow the one in `image`, and start from it as well only if `strength` is given. For depth, pose and areas, `image` must already be such a map. With `variation_strength`, all pictures start from the noise of `seed` with a little of another seed’s mixed in: of `variation_seed` for the first, of the next number for the second, and so on. AUTOMATIC1111 calls this a variation seed, and mixes in the same way. With `tile`, copies of a picture join without a seam at its left and right edges, at top and bottom, or at all four: for textures and wallpapers. It does not go with `control`, nor with models that are folders of ONNX graphs; a T button under the result shows copies side by side, to whoever presses it.',
  block:
    'A blocked member gets one sentence, which only they see, from commands, buttons and the Apps menu; reactions and mentions get no answer. What they have waiting in this server is cancelled. They can still use `/help` and `/privacy`, and delete and cancel what is theirs. Members with *Manage Server* cannot be blocked.',
  prefer:
    'They count in `/imagine`, in `/blend`, and for what is painted from the answer of `/describe`. What is chosen in the command comes first, then these, then the server’s defaults (`/settings defaults` and its model), then the model’s own. The server’s rules and limits apply to them as to anything typed: refused words, hourly limits, who may paint where. What is not possible somewhere (a model that was taken away, a style that this server does not have, a negative prompt with words that it refuses) is left out there, and the result says so. They are the same in every server, and an image to start from keeps its own shape.',
  inpaint:
    'With `area`, *masked* cuts out the masked part with 32 pixels around it, paints it as large as the model can, and puts it back: a small part gets all the detail there is, and the picture keeps its size (up to four megapixels) and every pixel outside the mask. AUTOMATIC1111 calls this “only masked”. *Whole*, if left out, fits the picture to the model first.',
  mine: 'Only you see the answer. In a server it has what you painted in that server, in the channels that you can still see; in direct messages with the bot it has everything of yours. Choose a result from the menu to paint it again with a new seed, get its files, make it a favourite, see how it was made or delete it with its message. Pictures that may not be safe for work are only shown where the server shows them. It goes back to about 5,000 results in each server.',
  models: 'Members with *Manage Server* also choose the server’s model here.',
  help: 'The answer is in the reader’s own language; results are in the server’s, where it has chosen one.',
  queue:
    'The list does not change by itself: a button brings it up to date. Where several painters (the processes that paint) work, each is listed with its machine, its model, how many seconds it takes for a picture, and whether it is painting, free, or paused because it kept failing.',
  seed: 'Seed, steps and all other settings are stored in the picture file: it must be the original, not a screenshot.',
  stats:
    'Where several painters work, each is listed, as in `/queue`. Members with *Manage Server* also see who asked for most, the CPU seconds that it took, and with which models and samplers. With `csv` they get a file with the usage of every member.',
  settings:
    '[Moderation](operating.md#moderation) explains what refused words match (also with `*`), what the log says and how limits for roles work.',
  upscale:
    '`with` names [an upscaler](checkpoints.md#upscalers), a network that only makes pictures larger. Without `with`, pictures of the model that ships are enlarged by the one that was trained on them, to at most 1024 pixels if `by` does not say how much; all others by the first of the operator’s, by name. A model then paints details over it at `strength`, but only if `details`, `prompt` or `strength` is given. If there is no upscaler for the picture, it becomes twice as large and details are always painted. A picture of more than a megapixel is shrunk first. The message and the picture say what was used.',
  styles: 'Only members with *Manage Server* can add and remove styles.',
  wildcards:
    'With a list *animal*, `a photo of __animal__` takes another animal for each picture. There are the server’s own lists, and the operator’s [files](operating.md#wildcards); if two have the same name, the server’s is used. The same seed chooses the same words. Entries may contain `{a|b}` and other wildcards, and refused words are looked for in what they become. Negative prompts have no wildcards: `__animal__` is left as it is. Only members with *Manage Server* can add and remove lists.',
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
        ['`(word)` `(word:1.3)`', 'adds weight: 1.1 times, or the number given; brackets may stand inside brackets'],
        ['`[word]`', 'takes weight away'],
        ['`{red|blue} car`', `paints one of each, up to ${MAX_VARIED}; with \`count\`, that many of them`],
        ['`[red:blue:0.5]` `[red:blue:8]`', 'is red at first, and blue from half of the steps on, or from step 8'],
        ['`[blue:0.5]` `[red::0.5]`', 'adds a word later, or takes one away'],
        ['`[red|blue|]`', 'changes at every step, here to nothing as well'],
        [
          '`a cat AND a dog :0.8`',
          `paints up to ${MAX_JOINED} prompts into one picture, each as strongly as its weight: 1 if left out; below 0, what to stay away from`,
        ],
        [
          '`__animal__` `__animals/*__`',
          'becomes a word of [a list](#wildcards), another in each picture; `*` takes any list whose name fits',
        ],
        ['`BREAK`', 'starts a new part, which the model reads separately'],
        [
          '`<lora:name:0.8>`',
          'paints with [a LoRA](checkpoints.md#loras-embeddings-another-autoencoder) at that weight',
        ],
        ['`\\(` `\\[` `\\{`', 'are plain brackets'],
      ],
    ),
    'Weights, words that change, AND, BREAK and LoRAs are written as in AUTOMATIC1111, and paint the same. Steps are counted as it counts them: Heun, DPM2, DPM++ 2S and DPM++ SDE count each step twice, a change at step 8 comes after the ninth, and 0.5 is half of `steps` even if `strength` leaves some of them out. When a picture is enlarged, its steps are over: what changes has changed, and 1.5 is the middle of enlarging. Words change in negative prompts too, but there AND is just a word.',
    '### At the end of a prompt',
    'As in Midjourney, after the words: `a red apple --ar 3:2 --no people --seed 7 --steps 30`. They do what the options do; if an option says something else, the option wins, and the answer says so. A long dash, which phones make of two hyphens, works too. Forms, `/vary`, `/inpaint`, `/upscale`, `/blend` and `/grid` take those that make sense there. To have `--seed` in the prompt as a word, write `\\--seed`.',
    table(
      ['parameter', 'also', 'what it takes'],
      TYPED_NAMES.map((name) => {
        const { aliases, takes, values } = TYPED[name] as { aliases: string[]; takes: string; values?: object };
        return [
          `\`--${name}\``,
          aliases.map((alias) => `\`--${alias}\``).join(' '),
          ['sampler', 'model', 'style'].includes(name) ? 'its name' : english(`parameter.${takes}`, { ...values }),
        ];
      }),
    ),
    '## Tables',
    'What `/grid` can lay out, from column to column and from row to row.',
    table(
      ['parameter', 'such as'],
      Object.entries(PARAMETERS).map(([name, { example }]) => [name, `\`${name}: ${example}\``]),
    ),
    `With \`words\`, the first value must be in the prompt, and each of the others takes its place. Alternatives such as \`{red|blue}\` are left as they are. Write decimal commas between semicolons: \`scale: 2,5; 5; 7,5\`. Names are suggested in the language of whoever types, and understood in all of these: ${LANGUAGES.map(languageName).join(', ')}.`,
  ];
}
