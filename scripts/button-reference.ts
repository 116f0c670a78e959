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
  upscale: [
    'enlarges that picture: those of the model that ships to as many as 1024 pixels by [its own upscaler](checkpoints.md#upscalers), others to twice their width and height, by an upscaler if there is one, otherwise by painting details',
    PAINTERS,
  ],
  vary: ['paints strong variations: starts from what that picture shows, and changes much of it', PAINTERS],
  subtle: [
    'paints subtle variations: starts from nearly the same noise as that picture or, if it was made from another picture or is a variation itself, from what it shows',
    PAINTERS,
  ],
  tiled: [
    'shows you copies of that seamless tile beside each other; under pictures that were painted with `tile`',
    'everyone: only they see the answer',
  ],
  region: [
    'opens a form for a prompt and a mask, a picture of the same size: what is white in it is repainted, as `/inpaint area: masked` does, and everything else stays as it is',
    PAINTERS,
  ],
  extend: [
    'paints more around the picture. An arrow: half as much again in that direction; where the picture has become as large as its model paints at once, the other end is cut off. Zooming out: the picture is shrunk, and the canvas keeps its size. *Make square*: the shorter side grows to the longer. Outside a soft seam, the old part stays as it is to the pixel',
    PAINTERS,
  ],
  zoom: ['opens a form for zooming out 1.1 to 4 times, with a prompt for what is around', PAINTERS],
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
  favourite: [
    'makes it one of your favourites, which `/mine` shows; taking the reaction back undoes it',
    'whoever asked for it',
  ],
};

/** Sections on what stands under a result. @throws if a button is not described above. */
export function buttonsAndReactions(): string[] {
  const t = translateFor('en');
  const job = { id: 'reference', request: { kind: 'txt2img', count: 4, tile: 'both' } as PaintRequest };
  const enlarged = { ...job, request: { kind: 'upscale', width: 3, height: 2 } as PaintRequest };
  const rows = [[cancelButton(job.id, t), ...resultButtons(job, [1, 2, 3, 4], t)], resultButtons(enlarged, [1], t)].map(
    (part) => part.flatMap((row) => row.toJSON().components),
  );
  const seen = new Map<Action, string[]>();
  const before = new Set(rows[0]!.map(actionOf));
  for (const button of [...rows[0]!, ...rows[1]!.filter((one) => !before.has(actionOf(one)))]) {
    if (button.type !== ComponentType.Button || button.style === ButtonStyle.Link || !('custom_id' in button)) continue;
    const { action } = parseCustomId(button.custom_id)!;
    seen.set(action, [...(seen.get(action) ?? []), button.label || button.emoji?.name || '']);
  }
  const described = [...seen].map(([action, labels]) => {
    const about = BUTTONS[action];
    if (!about) throw new Error(`The button "${action}" is not described in scripts/button-reference.ts.`);
    const numbered = /^[A-Z]1$/.test(labels[0]!) && labels.length > 1;
    const label = numbered ? `${labels[0]} to ${labels.at(-1)}` : labels.join(' ');
    return [label, ...about];
  });
  return [
    '## Buttons',
    'They are under every result, even if none of its pictures could be shown; *Cancel* is there until it is painted. Buttons keep working after restarts, for as long as the message exists. With more than four pictures, menus take the place of U, V and S. An enlarged picture has no U, and a single picture no 💾. A single picture that was enlarged, extended or inpainted also has the buttons from *Vary region…* on: to paint around any other picture, press U first.',
    table(['button', 'what it does', 'for whom'], described),
    '## Reactions',
    'On a result. The bot cannot answer a reaction: what its author may not do is silently ignored.',
    table(
      ['reaction', 'what it does', 'for whom'],
      Object.entries(REACTIONS).map(([emoji, does]) => [colourful(emoji), ...REACTED[does]]),
    ),
  ];
}

function actionOf(component: object): Action | undefined {
  return 'custom_id' in component ? parseCustomId(String(component.custom_id))?.action : undefined;
}

/** With the sign that asks for colours, where an emoji is drawn as text without it. */
function colourful(emoji: string): string {
  return /\p{Emoji_Presentation}/u.test(emoji) ? emoji : `${emoji}\ufe0f`;
}
