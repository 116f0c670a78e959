import { type Entry, isText, type OptionSpec, problemOf, type Typed } from './command-options.js';
import { Option } from './numbers.js';
import { isNamed, type OptionValue, valuesNamed } from './option-values.js';
import { leading, nextOption, optionOf, splitTyped } from './typed-options.js';
import { type Key, t } from './words.js';

/** Where the caret goes next: to an option, behind the last one (null), or nowhere (undefined). */
export type Next = string | null | undefined;

const NO_SUCH: Readonly<Record<number, Key>> = {
  [Option.User]: 'wrong.user',
  [Option.Role]: 'wrong.role',
  [Option.Channel]: 'wrong.channel',
  [Option.Mentionable]: 'wrong.mentionable',
};

/** A command being filled in: the contents of its fields, without the fields. */
export class CommandDraft {
  /** Values by option name; its keys are the options in the form. */
  typed: ReadonlyMap<string, Typed>;
  /** The text behind the last option: the name of another one being typed. */
  adding = '';
  /** The option that prevented sending. */
  wrong: string | null = null;
  /** Sending failed because the text behind the options names none. */
  unknown = false;
  /** Labels of choices by the values they stand for. */
  readonly #labels = new Map<string, string>();

  constructor(
    readonly entry: Entry,
    prefilled: ReadonlyMap<string, Typed>,
    /** The members, roles or channels that an option offers. */
    private readonly offered: (spec: OptionSpec) => readonly OptionValue[],
  ) {
    const typed = new Map(prefilled);
    for (const { name, required } of entry.options) if (required && !typed.has(name)) typed.set(name, '');
    this.typed = typed;
  }

  /** The options in the form, in the command's order. */
  get shown(): OptionSpec[] {
    return this.entry.options.filter(({ name }) => this.typed.has(name));
  }

  get files(): OptionSpec[] {
    return this.shown.filter(({ type }) => type === Option.Attachment);
  }

  get fields(): OptionSpec[] {
    return this.shown.filter(({ type }) => type !== Option.Attachment);
  }

  /** The options that can be added. */
  get others(): OptionSpec[] {
    return this.entry.options.filter(({ name }) => !this.typed.has(name));
  }

  /** The option that Discord's client would start with: the first empty one, in the order given. */
  get first(): string | null {
    const empty = [...this.typed].find(([, value]) => value === '');
    return empty?.[0] ?? [...this.typed.keys()].at(-1) ?? null;
  }

  /** The label of the choice in an option, if one was taken. */
  labelOf(name: string): string | undefined {
    return this.#labels.get(name);
  }

  set(name: string, value: Typed): void {
    this.typed = new Map(this.typed).set(name, value);
    if (this.wrong === name) this.wrong = null;
  }

  add(name: string): void {
    if (!this.typed.has(name)) this.typed = new Map(this.typed).set(name, '');
    this.adding = '';
  }

  /** Removes an option. @returns the one before it. */
  remove(name: string): string | null {
    const names = this.shown.map((spec) => spec.name);
    this.typed = new Map([...this.typed].filter(([other]) => other !== name));
    this.#labels.delete(name);
    return names[names.indexOf(name) - 1] ?? null;
  }

  /** Takes a choice. @returns the next empty option. */
  take({ name }: OptionSpec, label: string, value: string): string | null {
    this.#labels.set(name, label);
    this.set(name, value);
    const names = this.shown.map((spec) => spec.name);
    return names.slice(names.indexOf(name) + 1).find((one) => !this.typed.get(one)) ?? null;
  }

  /** Gives a file to the first option that takes one and is empty. @returns whether there was one. */
  attach(file: File): boolean {
    const option = this.entry.options.find(({ type, name }) => type === Option.Attachment && !this.typed.get(name));
    if (option) this.set(option.name, file);
    return option !== undefined;
  }

  /**
   * Text behind the last option: a name and a colon add the option, and a pasted `size: 512 count: 2` fills several.
   */
  typeName(text: string): Next {
    this.adding = text.trimStart();
    this.unknown = false;
    const next = nextOption(this.entry, this.adding);
    if (next?.before === '') {
      this.add(next.name);
      return next.name;
    }
    const filled = leading(this.entry, this.adding);
    if (filled) {
      this.typed = new Map([...this.typed, ...filled]);
      this.adding = '';
    }
    return undefined;
  }

  /**
   * Text in an option: its value. A name and a colon after it add the next option. Pasted text is read as if it were
   * typed, but in a text option only exact names of options not yet in the form count: `Size: 512x512` comes from
   * another program.
   */
  typeValue(spec: OptionSpec, text: string, pasted: boolean): Next {
    // A value is one line; pasted text may have several.
    const value = text.replace(/\s*\n\s*/g, ' ').trimStart();
    const next = nextOption(this.entry, value);
    this.write(spec, next ? next.before : value);
    if (next) this.add(next.name);
    return next || !pasted ? next?.name : this.#paste(spec, value);
  }

  /** Sets an option's content, whatever it is. */
  write({ name }: OptionSpec, value: string): void {
    this.#labels.delete(name);
    this.set(name, value);
  }

  #paste(spec: OptionSpec, text: string): Next {
    const written = (word: string) => this.others.find(({ name, label }) => name === word || label === word);
    const { before, values } = splitTyped(text, isText(spec) ? written : (word) => optionOf(this.entry, word));
    if (values.size === 0) return undefined;
    this.write(spec, before);
    for (const [name, value] of values) this.set(name, value);
    return [...values.keys()].at(-1);
  }

  /** Why an option cannot be sent; null if it can. */
  problem(spec: OptionSpec): string | null {
    const typed = this.typed.get(spec.name);
    if (typeof typed !== 'string' || !typed.trim() || !isNamed(spec)) return problemOf(spec, typed);
    const { length } = valuesNamed(this.offered(spec), typed);
    if (length === 1) return null;
    const noSuch = NO_SUCH[spec.type];
    return t(length > 1 ? 'wrong.several' : (noSuch ?? 'wrong.boolean'), { name: typed.trim() });
  }

  /** The values to send: ids instead of typed names. */
  get values(): ReadonlyMap<string, Typed> {
    const sent = (spec: OptionSpec, typed: Typed) =>
      typeof typed === 'string' && isNamed(spec) ? (valuesNamed(this.offered(spec), typed)[0]?.value ?? typed) : typed;
    return new Map(this.shown.map((spec) => [spec.name, sent(spec, this.typed.get(spec.name)!)]));
  }

  /** Checks whether it can be sent. @returns where the error is; undefined if there is none. */
  check(): Next {
    if (this.adding.trim()) {
      this.unknown = true;
      return null;
    }
    const bad = this.entry.options.find((spec) => this.problem(spec));
    if (!bad) return undefined;
    if (!this.typed.has(bad.name)) this.add(bad.name);
    this.wrong = bad.name;
    return bad.name;
  }
}
