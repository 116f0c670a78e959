import type { APIAttachment, APIModalInteractionResponseCallbackData } from 'discord-api-types/v10';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { choicesOf } from '../choices.js';
import { type Input, problemOf, type Row, standing } from '../modal-input.js';
import { Component } from '../numbers.js';
import { pictureFile } from '../picture-file.js';
import { store } from '../session.js';
import { isPicture } from '../shown-picture.js';
import type { PaintMask } from './form-uploads.js';
import { markdownStyles } from './markdown-styles.js';
import { markdown } from './markdown-view.js';
import { modalUpload } from './modal-upload.js';
import './select.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { fields, shared } from './shared.js';

/** A modal that an app answered with, and where it came from. */
export interface OpenModal {
  modal: APIModalInteractionResponseCallbackData;
  application: string;
  channel: string;
  /** The message whose component opened it. */
  message: string | null;
}

/** A form that an app opens (documentation, "Modal", "Label", "Text Input"). */
@customElement('easel-modal')
export class Modal extends LitElement {
  @state() private open: OpenModal | null = null;
  @state() private wrong: Record<string, string> = {};
  @state() private sending = false;
  @query('dialog') private dialog!: HTMLDialogElement;
  #values = new Map<string, string | boolean | string[] | File[]>();

  static override styles = [
    shared,
    fields,
    markdownStyles,
    css`
      dialog {
        width: 460px;
        max-width: 96vw;
        max-height: 92vh;
        padding: 0;
        border: 0;
        border-radius: 8px;
        color: var(--text);
        background: var(--main);
        box-shadow: var(--shadow);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 70%);
      }
      form {
        display: grid;
        gap: 16px;
        padding: 16px;
      }
      h2 {
        margin: 0;
        font-size: 20px;
        color: var(--strong);
      }
      label,
      .label {
        display: block;
        margin-bottom: 8px;
        font-size: 14px;
        font-weight: 600;
        color: var(--strong);
      }
      .needed {
        color: var(--danger-text);
      }
      small {
        display: block;
        margin: -4px 0 8px;
        color: var(--muted);
      }
      .check {
        display: flex;
        gap: 8px;
        font-weight: 400;
      }
      footer {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
        margin: 0 -16px -16px;
        padding: 16px;
        background: var(--side);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  async show(open: OpenModal): Promise<void> {
    this.open = open;
    this.wrong = {};
    this.sending = false;
    this.#values = new Map(this.#inputs().map(({ input }) => [input.custom_id, standing(input)]));
    await this.updateComplete;
    this.dialog.showModal();
    this.renderRoot.querySelector<HTMLElement>('input, textarea')?.focus();
  }

  /** The picture of the message that the form belongs to. */
  get #picture(): APIAttachment | undefined {
    const { channel, message } = this.open!;
    const shown = store.history.messages.get(channel)?.find(({ id }) => id === message);
    return shown?.attachments.find(isPicture);
  }

  /** Asks the owner of the mask brush for a mask on that picture. */
  async #paint(set: (files: File[]) => void): Promise<void> {
    const file = await pictureFile(this.#picture!);
    if (!file) return;
    const painted: PaintMask = {
      file,
      set: (_, mask) => {
        set([mask]);
        this.requestUpdate();
      },
    };
    this.dispatchEvent(new CustomEvent('paint', { bubbles: true, composed: true, detail: painted }));
  }

  /** The inputs, each with its label or row. */
  #inputs(): { row: Row; input: Input }[] {
    const rows = (this.open?.modal.components ?? []) as unknown as Row[];
    return rows.flatMap((row) => {
      const input = row.component ?? row.components?.[0];
      return input ? [{ row, input }] : [];
    });
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    const { open } = this;
    if (!open || this.sending) return;
    this.wrong = Object.fromEntries(
      this.#inputs().flatMap(({ input }) => {
        const problem = problemOf(input, this.#values.get(input.custom_id));
        return problem ? [[input.custom_id, problem]] : [];
      }),
    );
    const [first] = Object.keys(this.wrong);
    if (first) {
      this.renderRoot.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`)?.focus();
      return;
    }
    this.sending = true;
    const files: File[] = [];
    const components = this.#inputs().map(({ row, input }) => {
      const filled = { type: input.type, id: input.id, custom_id: input.custom_id, ...this.#filled(input, files) };
      return row.component
        ? { type: row.type, id: row.id, component: filled }
        : { type: row.type, id: row.id, components: [filled] };
    });
    const answer = await store.attempt(
      store.api.interact(
        open.channel,
        {
          type: 5,
          application_id: open.application,
          message_id: open.message,
          data: { custom_id: open.modal.custom_id, components },
        },
        files,
      ),
    );
    this.sending = false;
    // Like Discord, keeps the form open when the app fails, so that no input is lost.
    if (!answer || answer.kind === 'failed') this.wrong = { '': t('wrong.something') };
    else this.dialog.close();
  }

  #filled({ type, custom_id }: Input, files: File[]): object {
    const value = this.#values.get(custom_id);
    if (type !== Component.FileUpload) return Array.isArray(value) ? { values: value } : { value };
    const chosen = (value ?? []) as File[];
    return { values: chosen.map((file) => String(files.push(file) - 1)) };
  }

  protected override render() {
    const { open } = this;
    const rows = (open?.modal.components ?? []) as unknown as Row[];
    return html`
      <dialog aria-labelledby="title" @cancel=${() => {}}>
        ${
          open
            ? html`<form novalidate @submit=${this.#submit}>
                <h2 id="title">${open.modal.title}</h2>
                ${rows.map((row) => this.#row(row))}
                ${this.wrong[''] ? html`<div class="wrong" role="alert">${this.wrong['']}</div>` : nothing}
                <footer>
                  <button type="button" class="action plain" @click=${() => this.dialog.close()}>${t('modal.cancel')}</button>
                  <button class="action primary" ?disabled=${this.sending}>${t('modal.submit')}</button>
                </footer>
              </form>`
            : nothing
        }
      </dialog>
    `;
  }

  #row(row: Row): TemplateResult {
    if (row.type === Component.TextDisplay) return html`<div>${markdown(row.content ?? '')}</div>`;
    const input = row.component ?? row.components?.[0];
    if (!input) return html``;
    const label = row.label ?? input.label ?? '';
    const id = `input-${input.custom_id}`;
    const wrong = this.wrong[input.custom_id];
    return html`<div>
      <label for=${id}>${label}${input.required === false ? nothing : html` <span class="needed" aria-hidden="true">*</span>`}</label>
      ${row.description ? html`<small>${row.description}</small>` : nothing}
      ${this.#input(input, id, label)}
      ${wrong ? html`<div class="wrong" role="alert">${wrong}</div>` : nothing}
    </div>`;
  }

  #input(input: Input, id: string, label: string): TemplateResult {
    const set = (value: string | boolean | string[] | File[]) => {
      this.#values.set(input.custom_id, value);
    };
    const typed = (event: Event) => set((event.target as HTMLInputElement).value);
    const invalid = this.wrong[input.custom_id] !== undefined;
    const required = input.required !== false;
    switch (input.type) {
      case Component.TextInput:
        return input.style === 2
          ? html`<textarea class="field" id=${id} name=${input.custom_id} rows="4" .value=${input.value ?? ''} placeholder=${input.placeholder ?? ''} aria-required=${required} aria-invalid=${invalid} @input=${typed}></textarea>`
          : html`<input class="field" id=${id} name=${input.custom_id} .value=${input.value ?? ''} placeholder=${input.placeholder ?? ''} aria-required=${required} aria-invalid=${invalid} @input=${typed} />`;
      case Component.FileUpload:
        return modalUpload({
          id,
          name: input.custom_id,
          several: (input.max_values ?? 1) > 1,
          types: input.file_types,
          files: (this.#values.get(input.custom_id) ?? []) as File[],
          choose: (files) => {
            set(files);
            this.requestUpdate();
          },
          paint: input.custom_id === 'mask' && this.#picture ? () => void this.#paint(set) : null,
        });
      case Component.Checkbox:
        return html`<input id=${id} name=${input.custom_id} type="checkbox" .checked=${input.default ?? false} @change=${(event: Event) => set((event.target as HTMLInputElement).checked)} />`;
      case Component.RadioGroup:
      case Component.CheckboxGroup:
        return this.#group(input, label, set);
      default:
        return html`<easel-select
          id=${id}
          .label=${label}
          .choices=${choicesOf(input, store, store.channelOf(this.open!.channel))}
          .chosen=${this.#values.get(input.custom_id) as string[]}
          .placeholder=${input.placeholder ?? t('select.placeholder')}
          .least=${input.min_values ?? 1}
          .most=${input.max_values ?? 1}
          @pick=${({ detail }: CustomEvent<string[]>) => set(detail)}
        ></easel-select>`;
    }
  }

  #group(input: Input, label: string, set: (value: string | string[]) => void): TemplateResult {
    const one = input.type === Component.RadioGroup;
    const pick = (value: string, on: boolean) => {
      if (one) return set(value);
      const others = (this.#values.get(input.custom_id) as string[]).filter((other) => other !== value);
      set(on ? [...others, value] : others);
    };
    return html`<div role=${one ? 'radiogroup' : 'group'} aria-label=${label}>
      ${input.options?.map(
        (option) => html`<label class="check">
          <input type=${one ? 'radio' : 'checkbox'} name=${input.custom_id} .checked=${option.default ?? false} @change=${(event: Event) => pick(option.value, (event.target as HTMLInputElement).checked)} />
          ${option.label}
        </label>`,
      )}
    </div>`;
  }
}
