import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../words.js';
import './file-picture.js';
import { icon } from './icon.js';

/** The files attached to the message. */
export function filesList(files: readonly File[], remove: (file: File) => void): TemplateResult | typeof nothing {
  if (files.length === 0) return nothing;
  return html`<ul class="files" aria-label=${t('composer.files')}>
    ${files.map(
      (file) => html`<li>
        ${file.type.startsWith('image/') ? html`<easel-file-picture .file=${file}></easel-file-picture>` : icon('file', 64)}
        <span>${file.name}</span>
        <button aria-label=${t('composer.remove', { name: file.name })} @click=${() => remove(file)}>${icon('trash', 18)}</button>
      </li>`,
    )}
  </ul>`;
}
