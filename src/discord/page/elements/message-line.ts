import { html, nothing, type TemplateResult } from 'lit';
import { Permission } from '../numbers.js';
import { store } from '../session.js';
import { t } from '../words.js';
import './characters-left.js';
import { icon } from './icon.js';

interface Line {
  text: string;
  /** The destination: #general or @Ada. */
  where: string;
  may: boolean;
  /** Characters left. */
  left: number;
  /** Ids of the list shown above and of the line that Enter takes; null if there is none. */
  list: { id: string; active: string } | null;
  input: (event: Event) => void;
  key: (event: KeyboardEvent) => void;
  files: (files: readonly File[]) => void;
  /** Opens the picker for emojis and stickers beside the button. */
  express: (at: DOMRect) => void;
  slash: () => void;
}

/** The line with the message's text, and its buttons. */
export function messageLine({ text, where, may, left, list, input, key, files, express, slash }: Line): TemplateResult {
  const choose = ({ target }: Event) => {
    const chooser = target as HTMLInputElement;
    files([...(chooser.files ?? [])]);
    chooser.value = '';
  };
  const button = ({ currentTarget }: Event) => express((currentTarget as HTMLElement).getBoundingClientRect());
  return html`<div class="line">
    <label class="plus" title=${t('composer.upload')}>
      ${icon('plus', 24)}<input type="file" class="unseen" multiple aria-label=${t('composer.upload')} ?disabled=${!may || !store.may(Permission.AttachFiles)} @change=${choose} />
    </label>
    <textarea
      rows="1"
      aria-label=${t('composer.message', { where })}
      placeholder=${may ? t('composer.message', { where }) : t('composer.forbidden')}
      ?disabled=${!may}
      .value=${text}
      aria-haspopup="listbox"
      aria-controls=${list?.id ?? nothing}
      aria-autocomplete="list"
      aria-activedescendant=${list?.active ?? nothing}
      aria-invalid=${left < 0}
      @input=${input}
      @compositionend=${input}
      @keydown=${key}
    ></textarea>
    <easel-characters-left .left=${left}></easel-characters-left>
    <button class="tool" aria-label=${t('composer.emoji')} title=${t('composer.express')} ?disabled=${!may} @click=${button}>${icon('smile', 24)}</button>
    <button class="tool" aria-label=${t('composer.commands')} title=${t('composer.commands')} @click=${slash}>${icon('slash', 24)}</button>
  </div>`;
}
