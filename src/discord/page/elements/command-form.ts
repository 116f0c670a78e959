import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { channels, people, roles } from '../choices.js';
import { type Entry, nextOption, type OptionSpec, problemOf, type Typed, toOptions } from '../command-options.js';
import { localised } from '../localised.js';
import { Option } from '../numbers.js';
import { store } from '../session.js';
import { formatBytes } from '../shown-picture.js';
import { t } from '../words.js';
import { commandFormStyles } from './command-form-styles.js';
import { icon } from './icon.js';
import { fields, shared } from './shared.js';

/** A line of the list above the form: a value for the option that is typed, or an option to add. */
interface Suggestion {
  label: string;
  detail?: string | undefined;
  take: () => void;
}

const PAUSE = 250;
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
  @state() private suggested: { name: string; value: string }[] = [];
  /** Names of choices that stand for values in what was typed. */
  readonly #labels = new Map<string, string>();
  #asked = 0;
  #timer = 0;

  static override styles = [shared, fields, commandFormStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.typed = new Map(this.prefilled);
    for (const { name, required } of this.entry.options)
      if (required && !this.typed.has(name)) this.typed.set(name, '');
    const first = [...this.typed].find(([, value]) => value === '')?.[0] ?? [...this.typed.keys()].at(-1);
    if (first) void this.#focus(first);
    else void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.send')?.focus());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  override focus(): void {
    const [first, ...others] = this.#shown.map(({ name }) => name);
    const empty = [first, ...others].find((name) => name && !this.typed.get(name));
    void this.#focus(empty ?? others.at(-1) ?? first ?? '');
  }

  /** Gives a file to the first option that takes one and has none. @returns whether there was one. */
  attach(file: File): boolean {
    const option = this.entry.options.find(({ type, name }) => type === Option.Attachment && !this.typed.get(name));
    if (option) this.#set(option.name, file);
    return option !== undefined;
  }

  get #shown(): OptionSpec[] {
    return this.entry.options.filter(({ name }) => this.typed.has(name));
  }

  async #focus(name: string): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(`[data-option="${name}"]`)?.focus();
  }

  #set(name: string, value: Typed): void {
    this.typed = new Map(this.typed).set(name, value);
    if (this.wrong === name) this.wrong = null;
    this.active = -1;
  }

  #add(name: string): void {
    this.typed = new Map(this.typed).set(name, '');
    void this.#focus(name);
  }

  #remove(name: string): void {
    const names = this.#shown.map((spec) => spec.name);
    const before = names[names.indexOf(name) - 1];
    this.typed = new Map([...this.typed].filter(([other]) => other !== name));
    this.#labels.delete(name);
    if (before) void this.#focus(before);
    else
      void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('[data-option], .send')?.focus());
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
    } else if (spec.autocomplete) this.#autocomplete(spec.name);
  }

  #autocomplete(name: string): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(async () => {
      const asked = ++this.#asked;
      const { application, command } = this.entry;
      const options = toOptions(
        this.entry,
        new Map([...this.typed].filter(([, value]) => typeof value === 'string')),
        [],
        name,
      );
      const answer = await store.api
        .interact(store.place.channel!, {
          type: 4,
          application_id: application,
          data: { id: command.id, type: 1, options },
        })
        .catch(() => null);
      if (asked !== this.#asked || this.focused !== name) return;
      const choices = answer?.kind === 'choices' ? answer.choices : [];
      this.suggested = choices.map(({ name, name_localizations, value }) => ({
        name: localised(name, name_localizations, store.locale),
        value: String(value),
      }));
    }, PAUSE);
  }

  #suggestions(): Suggestion[] {
    const spec = this.#shown.find(({ name }) => name === this.focused);
    const value = spec && this.typed.get(spec.name);
    if (spec && typeof value !== 'object') {
      const text = (this.#labels.get(spec.name) ?? value ?? '').toLowerCase();
      const offered = this.#valuesFor(spec);
      const chosen = this.#labels.has(spec.name) || offered.some((one) => one.label.toLowerCase() === text);
      const fitting =
        spec.autocomplete || chosen
          ? offered
          : offered.filter(({ label, also = '' }) => [label, also].some((one) => one.toLowerCase().includes(text)));
      if (fitting.length > 0 && !(chosen && !spec.autocomplete)) {
        return fitting.slice(0, SHOWN).map(({ label, value, detail }) => ({
          label,
          detail,
          take: () => this.#take(spec, label, value),
        }));
      }
    }
    return this.entry.options
      .filter(({ name }) => !this.typed.has(name))
      .map(({ name, label, description }) => ({ label, detail: description, take: () => this.#add(name) }));
  }

  /** @returns also: another text that finds it. */
  #valuesFor(spec: OptionSpec): { label: string; also?: string; value: string; detail?: string | undefined }[] {
    const { channel } = store;
    const guild = store.guildOf(channel);
    if (spec.choices)
      return spec.choices.map(({ name, label, value }) => ({ label, also: name, value: String(value) }));
    if (spec.autocomplete) {
      // What stands there already is no suggestion.
      const others = this.suggested.filter(({ value }) => value !== this.typed.get(spec.name));
      return others.map(({ name, value }) => ({ label: name, value }));
    }
    switch (spec.type) {
      case Option.Boolean:
        return (['true', 'false'] as const).map((value) => ({ label: t(`form.${value}`), value, also: value }));
      case Option.User:
        return people(store, guild, channel);
      case Option.Role:
        return roles(guild);
      case Option.Channel:
        return channels(guild);
      case Option.Mentionable:
        return [...people(store, guild, channel), ...roles(guild)];
      default:
        return [];
    }
  }

  /** Takes a value, and goes on to the next option that is empty. */
  #take(spec: OptionSpec, label: string, value: string): void {
    this.#labels.set(spec.name, label);
    this.#set(spec.name, value);
    this.suggested = [];
    const names = this.#shown.map(({ name }) => name);
    void this.#focus(names.slice(names.indexOf(spec.name) + 1).find((name) => !this.typed.get(name)) ?? spec.name);
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
      const chosen = suggestions[this.active];
      if (chosen) chosen.take();
      else void this.#send();
    } else if (key === 'Escape') this.dispatchEvent(new Event('left'));
    else if (key === 'Tab' && !event.shiftKey && this.active >= 0) suggestions[this.active]?.take();
    else if (key === 'Backspace' && spec && !this.typed.get(spec.name)) {
      if (spec.required) this.dispatchEvent(new Event('left'));
      else this.#remove(spec.name);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #send(): Promise<void> {
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

  protected override render() {
    const spec = this.entry.options.find(({ name }) => name === this.focused);
    const suggestions = this.#suggestions();
    const problem = this.wrong && this.entry.options.find(({ name }) => name === this.wrong);
    const left = this.entry.options.length - this.#shown.length;
    return html`
      <div class="above">
        <div class="about">
          <strong>/${this.entry.label}</strong>
          ${spec ? html`<span class="option">${spec.label}</span> ${spec.description}${range(spec)}` : this.entry.description}
          ${problem ? html`<div class="wrong" role="alert">${problemOf(problem, this.typed.get(problem.name))}</div>` : nothing}
        </div>
        ${this.#list(suggestions, spec)}
      </div>
      ${this.#shown.filter(({ type }) => type === Option.Attachment).map((one) => this.#upload(one))}
      <div class="line" role="group" aria-label=${t('form.command', { name: this.entry.label })}>
        <div class="values"><span class="command">/${this.entry.label}</span>
        ${repeat(
          this.#shown.filter(({ type }) => type !== Option.Attachment),
          ({ name }) => name,
          (one) => this.#field(one, suggestions.length > 0),
        )}
        ${left > 0 ? html`<button class="more" title=${t('form.others')} @click=${() => this.#more()} @keydown=${(event: KeyboardEvent) => this.#key(event, null)}>${t('form.more', { count: left })}</button>` : nothing}
        </div>
        <button class="send" aria-label=${t('form.send', { name: this.entry.label })} title=${t('form.enter')} @click=${this.#send} @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && this.dispatchEvent(new Event('left'))}>${icon('reply')}</button>
      </div>
    `;
  }

  /** Leaves the typed option, so that the list offers options to add. */
  #more(): void {
    this.focused = null;
    this.active = 0;
  }

  #list(suggestions: readonly Suggestion[], spec: OptionSpec | undefined): TemplateResult | typeof nothing {
    if (suggestions.length === 0) return nothing;
    return html`<ul id="list" role="listbox" tabindex="0" class="scroll" aria-label=${spec ? t('form.for', { name: spec.label }) : t('form.options')} @mousedown=${(event: Event) => event.preventDefault()}>
      ${suggestions.map(
        ({ label, detail, take }, place) => html`<li
          id="suggestion-${place}"
          role="option"
          aria-selected=${place === this.active}
          class=${place === this.active ? 'active' : ''}
          @click=${take}
        >
          <span>${label}</span>${detail ? html`<small>${detail}</small>` : nothing}
        </li>`,
      )}
    </ul>`;
  }

  #field(spec: OptionSpec, listed: boolean): TemplateResult {
    const value = this.#labels.get(spec.name) ?? String(this.typed.get(spec.name) ?? '');
    const bad =
      this.wrong === spec.name ||
      (value !== '' && this.focused !== spec.name && problemOf(spec, this.typed.get(spec.name)));
    const long = spec.type === Option.String && !spec.choices;
    const current = this.active >= 0 && this.focused === spec.name ? `suggestion-${this.active}` : nothing;
    const focus = () => {
      this.focused = spec.name;
      this.active = -1;
      this.suggested = [];
      if (spec.autocomplete) this.#autocomplete(spec.name);
    };
    return html`<label class="pill ${bad ? 'bad' : ''} ${long ? 'long' : ''}">
      <span>${spec.label}</span>
      ${
        long
          ? html`<textarea
        data-option=${spec.name}
        .value=${value}
        rows="1"
        aria-haspopup="listbox"
        aria-controls=${listed ? 'list' : nothing}
        aria-autocomplete="list"
        aria-activedescendant=${current}
        aria-required=${spec.required ?? false}
        aria-invalid=${Boolean(bad)}
        aria-description=${spec.description}
        autocomplete="off"
        spellcheck="false"
        @focus=${focus}
        @input=${(event: Event) => this.#input(spec, event)}
        @keydown=${(event: KeyboardEvent) => this.#key(event, spec)}
      ></textarea>`
          : html`<input
        data-option=${spec.name}
        .value=${value}
        size=${Math.min(Math.max(value.length + 1, 5), 60)}
        role="combobox"
        aria-expanded=${listed}
        aria-controls=${listed ? 'list' : nothing}
        aria-autocomplete="list"
        aria-activedescendant=${current}
        aria-required=${spec.required ?? false}
        aria-invalid=${Boolean(bad)}
        aria-description=${spec.description}
        autocomplete="off"
        spellcheck="false"
        inputmode=${spec.type === Option.Integer ? 'numeric' : spec.type === Option.Number ? 'decimal' : 'text'}
        @focus=${focus}
        @input=${(event: Event) => this.#input(spec, event)}
        @keydown=${(event: KeyboardEvent) => this.#key(event, spec)}
      />`
      }
    </label>`;
  }

  #upload(spec: OptionSpec): TemplateResult {
    const file = this.typed.get(spec.name);
    const has = file instanceof File;
    const bad = this.wrong === spec.name || (has && problemOf(spec, file));
    const choose = (event: Event) => {
      const [chosen] = (event.target as HTMLInputElement).files ?? [];
      if (chosen) this.#set(spec.name, chosen);
    };
    const images = this.entry.options.filter(({ type }) => type === Option.Attachment);
    const mask = images.length > 1 && images[0] === spec && images[1]!.name === 'mask' ? images[1]!.name : null;
    const paint = () =>
      this.dispatchEvent(
        new CustomEvent('paint', {
          bubbles: true,
          composed: true,
          detail: {
            file,
            set: (image: File, painted: File) => {
              this.typed = new Map(this.typed).set(spec.name, image).set(mask!, painted);
            },
          },
        }),
      );
    return html`<div class="upload ${bad ? 'bad' : ''}">
      <label
        @dragover=${(event: DragEvent) => event.preventDefault()}
        @drop=${(event: DragEvent) => {
          const [dropped] = event.dataTransfer?.files ?? [];
          if (!dropped) return;
          event.preventDefault();
          event.stopPropagation();
          this.#set(spec.name, dropped);
        }}
      >
        ${has && file.type.startsWith('image/') ? html`<easel-file-picture .file=${file}></easel-file-picture>` : icon('upload', 28)}
        <span><strong>${spec.label}</strong> ${has ? `${file.name}, ${formatBytes(file.size)}` : t('form.upload')}</span>
        <input
          type="file"
          class="unseen"
          data-option=${spec.name}
          aria-label=${spec.label}
          accept=${spec.file_types?.join(',') ?? nothing}
          @change=${choose}
          @focus=${() => {
            this.focused = spec.name;
            this.active = -1;
          }}
          @keydown=${(event: KeyboardEvent) => event.key !== 'Enter' && this.#key(event, spec)}
        />
      </label>
      ${has && mask ? html`<button class="action" @click=${paint}>${icon('brush', 18)} ${t('form.mask')}</button>` : nothing}
      ${has || !spec.required ? html`<button class="drop" aria-label=${t('composer.remove', { name: spec.label })} @click=${() => (has ? this.#set(spec.name, '') : this.#remove(spec.name))}>${icon('close', 16)}</button>` : nothing}
    </div>`;
  }
}

function range({ min_value, max_value }: OptionSpec): string {
  if (min_value === undefined && max_value === undefined) return '';
  return ` ${t('form.range', { low: min_value ?? '…', high: max_value ?? '…' })}`;
}
