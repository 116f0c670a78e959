import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { Autocomplete } from '../autocomplete.js';
import {
  type Entry,
  leading,
  nextOption,
  type OptionSpec,
  problemOf,
  type Typed,
  toOptions,
} from '../command-options.js';
import { Option } from '../numbers.js';
import { fittingValues, offersValues, valuesOf } from '../option-values.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { adderField } from './adder-field.js';
import { commandFormStyles } from './command-form-styles.js';
import { icon } from './icon.js';
import { optionField } from './option-field.js';
import { optionUpload } from './option-upload.js';
import { fields, shared } from './shared.js';
import { idOf, LIST, type Suggestion, suggestionList } from './suggestion-list.js';

const SHOWN = 25;

/**
 * A slash command being filled in: its name, its options, and above them what fits. Fires `sent` when it has been sent,
 * `left` when it is given up.
 */
@customElement('easel-command-form')
export class CommandForm extends LitElement {
  @property({ attribute: false }) entry!: Entry;
  /** What it begins with. Whoever renders it writes this again each time: what is typed since is the form's alone. */
  @property({ attribute: false }) prefilled: ReadonlyMap<string, Typed> = new Map();
  /** Name of an option to its value; options of the form are its keys. */
  @state() private typed = new Map<string, Typed>();
  @state() private focused: string | null = null;
  @state() private active = -1;
  @state() private wrong: string | null = null;
  /** What stands behind the last option: the name of another that is being typed. */
  @state() private adding = '';
  /** Enter was pressed on a name that no option has. */
  @state() private unknown = false;
  /** Names of choices that stand for values in what was typed. */
  readonly #labels = new Map<string, string>();
  readonly #autocomplete = new Autocomplete(this, store);

  static override styles = [shared, fields, commandFormStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.typed = new Map(this.prefilled);
    for (const { name, required } of this.entry.options)
      if (required && !this.typed.has(name)) this.typed.set(name, '');
    const first = [...this.typed].find(([, value]) => value === '')?.[0] ?? [...this.typed.keys()].at(-1);
    void this.#focus(first ?? null);
  }

  /** At once: the key that is being pressed goes there. */
  override focus(): void {
    const empty = this.#shown.find(({ name, type }) => type !== Option.Attachment && !this.typed.get(name));
    this.#field(empty?.name ?? null)?.focus();
  }

  /** The field of an option; with null the one behind them all. */
  #field(name: string | null): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(name === null ? '.adder' : `[data-option="${name}"]`);
  }

  /** Gives a file to the first option that takes one and has none. @returns whether there was one. */
  attach(file: File): boolean {
    const option = this.entry.options.find(({ type, name }) => type === Option.Attachment && !this.typed.get(name));
    if (!option) return false;
    this.#set(option.name, file);
    void this.updateComplete.then(() => this.focus());
    return true;
  }

  get #shown(): OptionSpec[] {
    return this.entry.options.filter(({ name }) => this.typed.has(name));
  }

  async #focus(name: string | null): Promise<void> {
    await this.updateComplete;
    this.#field(name)?.focus();
  }

  #set(name: string, value: Typed): void {
    this.typed = new Map(this.typed).set(name, value);
    if (this.wrong === name) this.wrong = null;
    this.active = -1;
  }

  #add(name: string): void {
    if (!this.typed.has(name)) this.typed = new Map(this.typed).set(name, '');
    this.adding = '';
    this.active = -1;
    void this.#focus(name);
  }

  /** Behind the last option: a name and a colon begin the option, and a pasted `size: 512 count: 2` fills them. */
  #addTyped(event: Event): void {
    const input = event.target as HTMLInputElement;
    this.adding = input.value.trimStart();
    this.unknown = false;
    this.active = -1;
    const next = nextOption(this.entry, this.adding);
    const filled = leading(this.entry, this.adding);
    if (next?.before === '') this.#add(next.name);
    else if (filled) {
      this.typed = new Map([...this.typed, ...filled]);
      this.adding = '';
    }
    // What the property holds already would not be written to the input again.
    input.value = this.adding;
  }

  #remove(name: string): void {
    const names = this.#shown.map((spec) => spec.name);
    const before = names[names.indexOf(name) - 1];
    this.typed = new Map([...this.typed].filter(([other]) => other !== name));
    this.#labels.delete(name);
    void this.#focus(before ?? null);
  }

  #input(spec: OptionSpec, event: Event): void {
    const input = event.target as HTMLInputElement | HTMLTextAreaElement;
    // A value is one line; what is pasted may be several.
    if (input.value.includes('\n')) input.value = input.value.replace(/\s*\n\s*/g, ' ');
    const value = input.value.trimStart();
    this.#labels.delete(spec.name);
    const next = nextOption(this.entry, value);
    this.#set(spec.name, next ? next.before : value);
    // What the property holds already would not be written to the input again.
    if (next) {
      input.value = next.before;
      if (this.typed.has(next.name)) void this.#focus(next.name);
      else this.#add(next.name);
    } else if (spec.autocomplete) this.#autocomplete.ask(this.entry, () => this.typed, spec.name);
  }

  #suggestions(): Suggestion[] {
    const spec = this.#shown.find(({ name }) => name === this.focused);
    const value = spec && this.typed.get(spec.name);
    const chosen = spec && this.#labels.get(spec.name);
    if (spec && typeof value !== 'object') {
      // What stands there already is no suggestion.
      const suggested = this.#autocomplete.values.filter((one) => one.value !== value);
      const fitting = fittingValues(
        spec,
        valuesOf(spec, store, suggested),
        chosen ?? value ?? '',
        chosen !== undefined,
      );
      if (fitting.length > 0) {
        return fitting.slice(0, SHOWN).map(({ label, value, detail }) => ({
          label,
          detail,
          take: () => this.#take(spec, label, value),
        }));
      }
      // Its values and nothing else: another option is not what is being looked for.
      if (offersValues(spec) && chosen === undefined && problemOf({ ...spec, required: true }, value)) return [];
      if (spec.autocomplete && !spec.required && chosen === undefined) return [];
    }
    const name = spec ? '' : this.adding.toLowerCase();
    return this.entry.options
      .filter((one) => !this.typed.has(one.name))
      .filter((one) => [one.name, one.label].some((known) => known.toLowerCase().startsWith(name)))
      .map(({ name, label, description }) => ({ label, detail: description, take: () => this.#add(name) }));
  }

  /** The suggestion that Enter and Tab take: the marked one, or the only one that fits what was typed. */
  #wanted(suggestions: readonly Suggestion[]): Suggestion | undefined {
    const marked = suggestions[this.active];
    if (marked || suggestions.length !== 1) return marked;
    const spec = this.#shown.find(({ name }) => name === this.focused);
    const text = spec ? this.typed.get(spec.name) : this.adding;
    if (typeof text !== 'string' || text.trim() === '' || (spec && !offersValues(spec))) return undefined;
    // A text that its app only helps to write may stand as it is.
    const free = spec?.autocomplete && !suggestions[0]!.label.toLowerCase().startsWith(text.trim().toLowerCase());
    return free ? undefined : suggestions[0];
  }

  /** Takes a value, and goes on to the next option that is empty. */
  #take(spec: OptionSpec, label: string, value: string): void {
    this.#labels.set(spec.name, label);
    this.#set(spec.name, value);
    this.#autocomplete.forget();
    const names = this.#shown.map(({ name }) => name);
    void this.#focus(names.slice(names.indexOf(spec.name) + 1).find((name) => !this.typed.get(name)) ?? null);
  }

  #key(event: KeyboardEvent, spec: OptionSpec | null): void {
    const suggestions = this.#suggestions();
    const { key } = event;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      const step = key === 'ArrowDown' ? 1 : -1;
      this.active =
        (this.active + step + suggestions.length + (this.active < 0 && step < 0 ? 1 : 0)) %
        Math.max(suggestions.length, 1);
      void this.updateComplete.then(() =>
        this.renderRoot.querySelector('.active')?.scrollIntoView({ block: 'nearest' }),
      );
    } else if (key === 'Enter' && !event.isComposing) {
      const chosen = this.#wanted(suggestions);
      if (chosen) chosen.take();
      else void this.#send();
    } else if (key === 'Tab' && !event.shiftKey && this.#wanted(suggestions)) this.#wanted(suggestions)!.take();
    else if (key === 'Backspace' && !spec && !this.adding) {
      const last = this.#shown.at(-1);
      if (last) this.#field(last.name)?.focus();
      else this.dispatchEvent(new Event('left'));
    } else if (key === 'Backspace' && spec && !this.typed.get(spec.name)) {
      if (spec.required) this.dispatchEvent(new Event('left'));
      else this.#remove(spec.name);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** In the box of a file, Enter opens the chooser only while there is no file, and what is typed names an option. */
  #uploadKey(event: KeyboardEvent, spec: OptionSpec): void {
    if (event.key === 'Enter' && this.active < 0 && !this.typed.get(spec.name)) return;
    const isText = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
    // Not prevented: the key goes on into the field that now has the focus.
    if (isText) this.#field(null)?.focus();
    else this.#key(event, spec);
  }

  /** Wherever the focus is in the form. */
  #escape(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.dispatchEvent(new Event('left'));
  }

  async #send(): Promise<void> {
    if (this.adding.trim()) {
      this.unknown = true;
      return this.#focus(null);
    }
    const bad = this.entry.options.find((spec) => problemOf(spec, this.typed.get(spec.name)));
    if (bad) {
      if (!this.typed.has(bad.name)) this.#add(bad.name);
      this.wrong = bad.name;
      await this.#focus(bad.name);
      return;
    }
    const files: File[] = [];
    const { application, command, label } = this.entry;
    const options = toOptions(this.entry, this.typed, files);
    const channel = store.place.channel!;
    this.dispatchEvent(new Event('sent'));
    const answer = await store.command(
      channel,
      label,
      { type: 2, application_id: application, data: { id: command.id, type: 1, options } },
      files,
    );
    if (answer?.kind !== 'modal') return;
    const detail = { modal: answer.modal, application, channel, message: null };
    store.dispatchEvent(new CustomEvent('modal', { detail }));
  }

  constructor() {
    super();
    new Watch(this, store);
    this.addEventListener('keydown', this.#escape);
  }

  protected override render() {
    const spec = this.entry.options.find(({ name }) => name === this.focused);
    const suggestions = this.#suggestions();
    const none = suggestions.length === 0 && spec && offersValues(spec) && !this.#autocomplete.asking;
    const unsettled =
      spec &&
      !this.#labels.has(spec.name) &&
      (spec.autocomplete || problemOf({ ...spec, required: true }, this.typed.get(spec.name)));
    const problem = this.wrong && this.entry.options.find(({ name }) => name === this.wrong);
    const left = this.entry.options.length - this.#shown.length;
    return html`
      <div class="above">
        <div class="about">
          <strong>/${this.entry.label}</strong>
          ${spec ? html`<span class="option">${spec.label}</span> ${spec.description}${range(spec)}` : this.entry.description}
          ${problem ? html`<div class="wrong" role="alert">${problemOf(problem, this.typed.get(problem.name))}</div>` : nothing}
          ${this.unknown ? html`<div class="wrong" role="alert">${t('wrong.option', { name: this.adding.trim() })}</div>` : nothing}
          ${none && unsettled ? html`<div role="status">${t('form.nothing')}</div>` : nothing}
        </div>
        ${suggestionList(suggestions, this.active, spec ? t('form.for', { name: spec.label }) : t('form.options'))}
      </div>
      ${this.#shown.filter(({ type }) => type === Option.Attachment).map((one) => this.#upload(one))}
      <div class="line" role="group" aria-label=${t('form.command', { name: this.entry.label })}>
        <div class="values"><span class="command">/${this.entry.label}</span>
        ${repeat(
          this.#shown.filter(({ type }) => type !== Option.Attachment),
          ({ name }) => name,
          (one) => this.#pill(one, suggestions.length > 0),
        )}
        ${adderField({
          left,
          value: this.adding,
          bad: this.unknown,
          list: suggestions.length > 0 ? LIST : null,
          active: !spec && this.active >= 0 ? idOf(this.active) : null,
          focus: () => this.#leaveOption(),
          input: (event) => this.#addTyped(event),
          key: (event) => this.#key(event, null),
        })}
        </div>
        <button class="send" aria-label=${t('form.send', { name: this.entry.label })} title=${t('form.enter')} @click=${this.#send}>${icon('reply')}</button>
      </div>
    `;
  }

  /** Behind the last option the list offers others to add. */
  #leaveOption(): void {
    this.focused = null;
    this.active = -1;
    this.#autocomplete.forget();
  }

  #enter(spec: OptionSpec): void {
    this.focused = spec.name;
    this.active = -1;
    this.#autocomplete.forget();
    if (spec.autocomplete) this.#autocomplete.ask(this.entry, () => this.typed, spec.name);
  }

  #pill(spec: OptionSpec, listed: boolean): TemplateResult {
    const value = this.#labels.get(spec.name) ?? String(this.typed.get(spec.name) ?? '');
    const here = this.focused === spec.name;
    const wrong = value !== '' && !here && problemOf(spec, this.typed.get(spec.name));
    return optionField(spec, {
      value,
      bad: this.wrong === spec.name || Boolean(wrong),
      list: listed ? LIST : null,
      active: here && this.active >= 0 ? idOf(this.active) : null,
      focus: () => this.#enter(spec),
      input: (event) => this.#input(spec, event),
      key: (event) => this.#key(event, spec),
    });
  }

  #upload(spec: OptionSpec): TemplateResult {
    const value = this.typed.get(spec.name);
    const file = value instanceof File ? value : null;
    const [picture, mask] = this.entry.options.filter(({ type }) => type === Option.Attachment);
    const takesMask = picture === spec && mask?.name === 'mask';
    return optionUpload(spec, {
      file,
      bad: this.wrong === spec.name || Boolean(file && problemOf(spec, file)),
      choose: (chosen) => {
        this.#set(spec.name, chosen);
        void this.updateComplete.then(() => this.focus());
      },
      remove: file ? () => this.#set(spec.name, '') : spec.required ? null : () => this.#remove(spec.name),
      paint: file && takesMask ? () => this.#paint(file, spec.name, mask.name) : null,
      focus: () => this.#enter(spec),
      key: (event) => this.#uploadKey(event, spec),
    });
  }

  #paint(file: File, picture: string, mask: string): void {
    const set = (image: File, painted: File) => {
      this.typed = new Map(this.typed).set(picture, image).set(mask, painted);
    };
    this.dispatchEvent(new CustomEvent('paint', { bubbles: true, composed: true, detail: { file, set } }));
  }
}

function range({ min_value, max_value }: OptionSpec): string {
  if (min_value === undefined && max_value === undefined) return '';
  return ` ${t('form.range', { low: min_value ?? '…', high: max_value ?? '…' })}`;
}
