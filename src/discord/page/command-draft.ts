import { type Entry, leading, nextOption, type OptionSpec, problemOf, type Typed } from './command-options.js';
import { Option } from './numbers.js';

/** Where the caret goes next: to an option, behind them all (null), or nowhere else (undefined). */
export type Next = string | null | undefined;

/** A command as far as it is filled in: what stands in its fields, without the fields. */
export class CommandDraft {
  /** Name of an option to its value; options of the form are its keys. */
  typed: ReadonlyMap<string, Typed>;
  /** What stands behind the last option: the name of another that is being typed. */
  adding = '';
  /** The option that kept it from being sent. */
  wrong: string | null = null;
  /** It was to be sent with a name behind it that no option has. */
  unknown = false;
  /** Names of choices that stand for values in what was typed. */
  readonly #labels = new Map<string, string>();

  constructor(
    readonly entry: Entry,
    prefilled: ReadonlyMap<string, Typed>,
  ) {
    const typed = new Map(prefilled);
    for (const { name, required } of entry.options) if (required && !typed.has(name)) typed.set(name, '');
    this.typed = typed;
  }

  /** Options of the form, in the command's order. */
  get shown(): OptionSpec[] {
    return this.entry.options.filter(({ name }) => this.typed.has(name));
  }

  get files(): OptionSpec[] {
    return this.shown.filter(({ type }) => type === Option.Attachment);
  }

  get fields(): OptionSpec[] {
    return this.shown.filter(({ type }) => type !== Option.Attachment);
  }

  /** Options that can be added. */
  get others(): OptionSpec[] {
    return this.entry.options.filter(({ name }) => !this.typed.has(name));
  }

  /** What Discord's client would start with: the first that is empty, in the order in which they were given. */
  get first(): string | null {
    const empty = [...this.typed].find(([, value]) => value === '');
    return empty?.[0] ?? [...this.typed.keys()].at(-1) ?? null;
  }

  /** The name of the choice that stands in an option, once one was taken. */
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

  /** Takes an option out. @returns the one before it. */
  remove(name: string): string | null {
    const names = this.shown.map((spec) => spec.name);
    this.typed = new Map([...this.typed].filter(([other]) => other !== name));
    this.#labels.delete(name);
    return names[names.indexOf(name) - 1] ?? null;
  }

  /** Takes a choice. @returns the next option that is empty. */
  take({ name }: OptionSpec, label: string, value: string): string | null {
    this.#labels.set(name, label);
    this.set(name, value);
    const names = this.shown.map((spec) => spec.name);
    return names.slice(names.indexOf(name) + 1).find((one) => !this.typed.get(one)) ?? null;
  }

  /** Gives a file to the first option that takes one and has none. @returns whether there was one. */
  attach(file: File): boolean {
    const option = this.entry.options.find(({ type, name }) => type === Option.Attachment && !this.typed.get(name));
    if (option) this.set(option.name, file);
    return option !== undefined;
  }

  /** Behind the last option: a name and a colon begin the option, and a pasted `size: 512 count: 2` fills them. */
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

  /** In an option: its value, and where a name and a colon stand behind it, the next option begins. */
  typeValue({ name }: OptionSpec, text: string): Next {
    // A value is one line; what is pasted may be several.
    const value = text.replace(/\s*\n\s*/g, ' ').trimStart();
    this.#labels.delete(name);
    const next = nextOption(this.entry, value);
    this.set(name, next ? next.before : value);
    if (next) this.add(next.name);
    return next?.name;
  }

  /** Looks whether it can be sent. @returns the place of what is wrong; undefined if nothing is. */
  check(): Next {
    if (this.adding.trim()) {
      this.unknown = true;
      return null;
    }
    const bad = this.entry.options.find((spec) => problemOf(spec, this.typed.get(spec.name)));
    if (!bad) return undefined;
    if (!this.typed.has(bad.name)) this.add(bad.name);
    this.wrong = bad.name;
    return bad.name;
  }
}
