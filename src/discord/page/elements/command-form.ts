import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { keepCaret } from '../caret.js';
import { CommandDraft, type Next } from '../command-draft.js';
import type { Entry, OptionSpec, Typed } from '../command-options.js';
import type { Suggestion } from '../form-suggestions.js';
import { isComposing, isPaste } from '../keys.js';
import { valuesOf } from '../option-values.js';
import { sendCommand } from '../send-command.js';
import { store } from '../session.js';
import { Suggesting } from '../suggesting.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { adderField } from './adder-field.js';
import { commandFormStyles } from './command-form-styles.js';
import { formAbout } from './form-about.js';
import { formUploads, type PaintMask } from './form-uploads.js';
import { icon } from './icon.js';
import { optionField } from './option-field.js';
import { fields, shared } from './shared.js';
import { idOf, LIST, suggestionList } from './suggestion-list.js';

/**
 * A slash command being filled in: its name and options, with suggestions above. Fires `sent` when it has been sent,
 * `left` when it is abandoned.
 */
@customElement('easel-command-form')
export class CommandForm extends LitElement {
  @property({ attribute: false }) entry!: Entry;
  /** The initial values. Set again on every render by the parent; later input is only in the form. */
  @property({ attribute: false }) prefilled: ReadonlyMap<string, Typed> = new Map();
  #draft!: CommandDraft;
  readonly #suggesting = new Suggesting(this, store, () => this.#draft);

  static override styles = [shared, fields, commandFormStyles];

  constructor() {
    super();
    new Watch(this, store, () => [
      store.guild?.members,
      store.guild?.roles,
      store.guild?.channels,
      store.guild?.emojis,
    ]);
    this.addEventListener('keydown', this.#escape);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#draft = new CommandDraft(this.entry, this.prefilled, (spec) => valuesOf(spec, store, []));
    this.#changed(this.#draft.first);
  }

  /** Immediately, so that the key being pressed goes there. */
  override focus(): void {
    const empty = this.#draft.fields.find(({ name }) => !this.#draft.typed.get(name));
    this.#field(empty?.name ?? null)?.focus();
  }

  /** Gives a file to the first option that takes one and has none. @returns whether there was one. */
  attach(file: File): boolean {
    const taken = this.#draft.attach(file);
    if (taken) this.#filed();
    return taken;
  }

  /** A file was attached: moves the caret to the next empty option. */
  #filed(): void {
    this.#changed();
    void this.updateComplete.then(() => this.focus());
  }

  /** The field of an option; null for the one behind them all. */
  #field(name: string | null): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(name === null ? '.adder' : `[data-option="${name}"]`);
  }

  /** Renders the changed draft and moves to the next field. */
  #changed(next?: Next): void {
    this.#suggesting.anew();
    this.requestUpdate();
    if (next !== undefined) void this.updateComplete.then(() => this.#field(next)?.focus());
  }

  #typeName(event: Event): void {
    const input = event.target as HTMLInputElement;
    if (isComposing(event)) this.#draft.adding = input.value;
    else {
      this.#changed(this.#draft.typeName(input.value));
      // Lit does not write a property again that has not changed.
      input.value = this.#draft.adding;
    }
  }

  #typeValue(spec: OptionSpec, event: Event): void {
    const field = event.target as HTMLInputElement | HTMLTextAreaElement;
    const draft = this.#draft;
    if (isComposing(event)) draft.write(spec, field.value);
    else {
      const next = draft.typeValue(spec, field.value, isPaste(event));
      keepCaret(field, draft.typed.get(spec.name) as string);
      if (next === undefined) this.#suggesting.look(spec, field);
      this.#changed(next);
    }
  }

  readonly #take = ({ kind, value, label }: Suggestion): void => {
    const { spec } = this.#suggesting;
    if (kind === 'emoji') this.#suggesting.emojis.take(this.#field(spec!.name) as HTMLTextAreaElement, value);
    else if (kind === 'option') {
      this.#draft.add(value);
      this.#changed(value);
    } else if (spec) {
      this.#changed(this.#draft.take(spec, label, value));
      this.#suggesting.forget();
    }
  };

  #key(event: KeyboardEvent, spec: OptionSpec | undefined): void {
    if (isComposing(event)) return;
    const { wanted } = this.#suggesting;
    const { key, shiftKey } = event;
    if (key === 'ArrowDown' || key === 'ArrowUp') this.#move(key === 'ArrowDown' ? 1 : -1);
    else if ((key === 'Enter' || key === 'Tab') && !shiftKey && wanted) this.#take(wanted);
    else if (key === 'Enter') {
      // Values are one line, so Shift does nothing.
      if (!shiftKey) void this.#send();
    } else if (key === 'Backspace' && this.#empty(spec)) this.#back(spec);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(step: 1 | -1): void {
    this.#suggesting.move(step);
    void this.updateComplete.then(() => this.renderRoot.querySelector('.active')?.scrollIntoView({ block: 'nearest' }));
  }

  #empty(spec: OptionSpec | undefined): boolean {
    return !(spec ? this.#draft.typed.get(spec.name) : this.#draft.adding);
  }

  /** Backspace with nothing left to erase removes the option, and finally the command. */
  #back(spec: OptionSpec | undefined): void {
    const last = this.#draft.shown.at(-1);
    if (spec ? spec.required : !last) this.dispatchEvent(new Event('left'));
    else if (spec) this.#changed(this.#draft.remove(spec.name));
    else this.#field(last!.name)?.focus();
  }

  /** In a file's box, Enter only opens the chooser if there is no file yet, and typing names the next option. */
  #uploadKey(event: KeyboardEvent, spec: OptionSpec): void {
    if (event.key === 'Enter' && this.#suggesting.active < 0 && !this.#draft.typed.get(spec.name)) return;
    const isText = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
    // Not prevented: the key goes on into the newly focused field.
    if (isText) this.#field(null)?.focus();
    else this.#key(event, spec);
  }

  /** Anywhere in the form: first closes the list of emojis, then the form. */
  #escape(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || isComposing(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.#suggesting.closeEmojis()) this.dispatchEvent(new Event('left'));
  }

  async #send(): Promise<void> {
    await this.#suggesting.emojis.settled;
    const wrong = this.#draft.check();
    if (wrong !== undefined) return this.#changed(wrong);
    this.dispatchEvent(new Event('sent'));
    await sendCommand(store, this.#draft);
  }

  #paint(detail: PaintMask): void {
    this.dispatchEvent(new CustomEvent('paint', { bubbles: true, composed: true, detail }));
  }

  protected override render() {
    const draft = this.#draft;
    const { spec, list, active, nothing } = this.#suggesting;
    const listed = list.length > 0 ? LIST : null;
    const marked = active < 0 ? null : idOf(active);
    return html`
      <div class="above">
        ${formAbout(draft, spec, nothing)}
        ${suggestionList(list, active, spec ? t('form.for', { name: spec.label }) : t('form.options'), this.#take)}
      </div>
      ${formUploads(draft, {
        changed: (next) => this.#changed(next),
        chosen: () => this.#filed(),
        paint: (detail) => this.#paint(detail),
        focus: (one) => this.#suggesting.enter(one),
        key: (event, one) => this.#uploadKey(event, one),
      })}
      <div class="line" role="group" aria-label=${t('form.command', { name: this.entry.label })}>
        <div class="values"><span class="command">/${this.entry.label}</span>
        ${repeat(
          draft.fields,
          ({ name }) => name,
          (one) => this.#pill(one, listed, one === spec ? marked : null),
        )}
        ${adderField({
          left: draft.others.length,
          value: draft.adding,
          bad: draft.unknown,
          list: listed,
          active: spec ? null : marked,
          focus: () => this.#suggesting.enter(),
          input: (event) => this.#typeName(event),
          key: (event) => this.#key(event, undefined),
        })}
        </div>
        <button class="send" aria-label=${t('form.send', { name: this.entry.label })} title=${t('form.enter')} @click=${this.#send}>${icon('reply')}</button>
      </div>
    `;
  }

  #pill(spec: OptionSpec, list: string | null, active: string | null): TemplateResult {
    const { typed, wrong } = this.#draft;
    const value = this.#draft.labelOf(spec.name) ?? String(typed.get(spec.name) ?? '');
    const left = value !== '' && spec !== this.#suggesting.spec;
    return optionField(spec, {
      value,
      bad: wrong === spec.name || (left && this.#draft.problem(spec) !== null),
      list,
      active,
      focus: () => this.#suggesting.enter(spec),
      input: (event) => this.#typeValue(spec, event),
      key: (event) => this.#key(event, spec),
    });
  }
}
