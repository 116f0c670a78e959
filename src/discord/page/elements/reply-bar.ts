import type { APIMessage } from 'discord-api-types/v10';
import { html, nothing, type TemplateResult } from 'lit';
import { nameOf } from '../names.js';
import { pieces, t } from '../words.js';
import { icon } from './icon.js';

/** Above the message box: the author of the message being replied to. */
export function replyBar(message: APIMessage | null, drop: () => void): TemplateResult | typeof nothing {
  if (!message) return nothing;
  return html`<div class="replying">
    <span>${pieces('composer.replying', { name: html`<strong>${nameOf(message.author)}</strong>` })}</span>
    <button aria-label=${t('composer.noReply')} @click=${drop}>${icon('close', 16)}</button>
  </div>`;
}
