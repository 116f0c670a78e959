import type { AnySelectMenuInteraction, ButtonInteraction, ModalSubmitInteraction } from 'discord.js';
import { formFilled, previewPressed } from '../expressions/answered.js';
import type { Action, CustomId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import { forgetPressed } from '../privacy/answered.js';
import { askZoom, extend, zoomBy } from './canvas-buttons.js';
import { described } from './describe.js';
import { edit, edited } from './edit-form.js';
import { files } from './files-button.js';
import { mine } from './mine-press.js';
import { queueAgain } from './queue-list.js';
import { askRegion, varyRegion } from './region-form.js';
import { cancel, remove } from './remove-buttons.js';
import { again, subtle, upscale, vary } from './result-buttons.js';
import { settingPicked, settingSubmitted } from './settings-menu.js';
import { tiled } from './tiled.js';

/**
 * The handlers of an action, by the kind of component it comes from. Any other kind is forged, or another version's.
 */
interface Handler<Needs, A extends Action> {
  /** Also for members whom the server has blocked. */
  readonly forBlocked?: boolean;
  button?(needs: Needs, ask: Ask<ButtonInteraction>, id: CustomId<A>): Promise<void>;
  menu?(needs: Needs, ask: Ask<AnySelectMenuInteraction>, id: CustomId<A>): Promise<void>;
  form?(needs: Needs, ask: Ask<ModalSubmitInteraction>, id: CustomId<A>): Promise<void>;
}

export type Handlers<Needs> = { readonly [A in Action]: Handler<Needs, A> };

/** One for every action that a custom id can name. */
export const HANDLERS = {
  upscale: { button: upscale, menu: upscale },
  vary: { button: vary, menu: vary },
  subtle: { button: subtle, menu: subtle },
  tiled: { button: tiled, menu: tiled },
  extend: { button: extend },
  zoom: { button: askZoom, form: zoomBy },
  region: { button: askRegion, form: varyRegion },
  mine: { button: mine, menu: mine },
  again: { button: again },
  edit: { button: edit },
  edited: { form: edited },
  files: { button: files },
  delete: { button: remove, forBlocked: true },
  cancel: { button: cancel, forBlocked: true },
  settings: { menu: settingPicked, form: settingSubmitted },
  emoji: { button: previewPressed, form: formFilled },
  privacy: { button: forgetPressed, forBlocked: true },
  queue: { button: queueAgain },
  described: { button: described },
};
