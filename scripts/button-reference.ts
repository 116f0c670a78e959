import { ButtonStyle, ComponentType } from 'discord.js';
import { cancelButton, resultButtons } from '../src/bot/delivery/components.js';
import { type Action, parseCustomId } from '../src/bot/gateway/custom-id.js';
import { REACTIONS, type Reaction } from '../src/bot/interactions/reactions.js';
import type { PaintRequest } from '../src/bot/request/paint-request.js';
import { translateFor } from '../src/bot/text/i18n.js';
import { table } from './markdown-table.js';

const MODERATORS = 'whoever asked for it, and members with *Manage Messages*';
const PAINTERS = 'everyone who may paint here';

/** What each button does, and for whom. */
const BUTTONS: Partial<Record<Action, [does: string, who: string]>> = {
  upscale: ['enlarges that picture to twice its width and height and adds detail', PAINTERS],
  vary: ['paints strong variations: starts from what that picture shows, and changes much of it', PAINTERS],
  subtle: [
    'paints subtle variations: starts from nearly the same noise as that picture; or from what it shows, where it came from another picture or from a variation',
    PAINTERS,
  ],
  tiled: [
    'shows you copies of that seamless tile beside each other; under pictures that were painted with `tile`',
    'everyone: only they see the answer',
  ],
  again: ['paints the same request with a new seed', PAINTERS],
  edit: ['opens a form to change prompt, steps, guidance scale and seed, then paints', PAINTERS],
  files: ['sends you the pictures one by one, as separate files in a gallery that only you see', PAINTERS],
  delete: ['deletes the message', MODERATORS],
  cancel: ['stops a request that is waiting or being painted', MODERATORS],
};

/** What each reaction does, and for whom. */
const REACTED: Record<Reaction, [does: string, who: string]> = {
  again: ['paints the same request with a new seed, as a reply', PAINTERS],
  send: ['sends the picture to you as a direct message, with a link to its message', PAINTERS],
  remove: ['deletes the message', MODERATORS],
};

/** Sections on what stands under a result. @throws if a button is not described above. */
export function buttonsAndReactions(): string[] {
  const t = translateFor('en');
  const job = { id: 'reference', request: { kind: 'txt2img', count: 4 } as PaintRequest };
  const rows = [cancelButton(job.id, t), ...resultButtons(job, [1, 2, 3, 4], t)].flatMap(
    (row) => row.toJSON().components,
  );
  const seen = new Map<Action, string[]>();
  for (const button of rows) {
    if (button.type !== ComponentType.Button || button.style === ButtonStyle.Link || !('custom_id' in button)) continue;
    const { action } = parseCustomId(button.custom_id)!;
    seen.set(action, [...(seen.get(action) ?? []), button.label || button.emoji?.name || '']);
  }
  const described = [...seen].map(([action, labels]) => {
    const about = BUTTONS[action];
    if (!about) throw new Error(`The button "${action}" is not described in scripts/button-reference.ts.`);
    const label = labels.length > 1 ? `${labels[0]} to ${labels.at(-1)}` : labels[0]!;
    return [label, ...about];
  });
  return [
    '## Buttons',
    'Under a result, and where none could be shown; *Cancel* is there until it is painted. Buttons keep working after restarts, for as long as the message exists. With more than four pictures, menus take the place of U, V and S; an enlarged picture has no U, and a picture that is alone no 💾.',
    table(['button', 'what it does', 'for whom'], described),
    '## Reactions',
    'On a result. The bot cannot answer a reaction: what its author may not do is silently ignored.',
    table(
      ['reaction', 'what it does', 'for whom'],
      Object.entries(REACTIONS).map(([emoji, does]) => [colourful(emoji), ...REACTED[does]]),
    ),
  ];
}

/** With the sign that asks for colours, where an emoji is drawn as text without it. */
function colourful(emoji: string): string {
  return /\p{Emoji_Presentation}/u.test(emoji) ? emoji : `${emoji}\ufe0f`;
}
