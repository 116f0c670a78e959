import { blend } from './blend.js';
import { block } from './block.js';
import { cancel } from './cancel.js';
import { describe } from './describe.js';
import { describePicture } from './describe-picture.js';
import { emoji } from './emoji.js';
import { grid } from './grid.js';
import { help } from './help.js';
import { howMade } from './how-made.js';
import { imagine } from './imagine.js';
import { inpaint } from './inpaint.js';
import { makeEmoji } from './make-emoji.js';
import { mine } from './mine.js';
import { models } from './models.js';
import { prefer } from './prefer.js';
import { privacy } from './privacy.js';
import { queue } from './queue.js';
import { seed } from './seed.js';
import { settings } from './settings.js';
import { stats } from './stats.js';
import { styles } from './styles.js';
import { upscale } from './upscale.js';
import { vary } from './vary.js';
import { varyPicture } from './vary-picture.js';
import { wildcards } from './wildcards.js';

/** Slash commands by name. */
export const chatCommands = new Map(
  Object.entries({
    imagine,
    vary,
    upscale,
    inpaint,
    blend,
    describe,
    grid,
    emoji,
    seed,
    queue,
    cancel,
    mine,
    prefer,
    stats,
    privacy,
    help,
    models,
    styles,
    wildcards,
    settings,
    block,
  }),
);

/** Entries of a message's Apps menu by their English name, which is what Discord sends. */
export const messageCommands = new Map(
  Object.entries({
    'Vary this picture': varyPicture,
    'How was this made?': howMade,
    'Describe this picture': describePicture,
    'Make an emoji': makeEmoji,
  }),
);
