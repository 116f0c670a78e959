/** A pickle that is cut short, nonsense or out of bounds. The message does not name the file. */
export class PickleError extends Error {
  constructor(
    message: string,
    /** False for one that may be whole but has more in it, or other things, than is read here. */
    readonly damaged = true,
  ) {
    super(message);
  }
}

/** The name of something that Python would import. Here it stays a name. */
export class Global {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** What Python would build by calling something. Nothing is called; the parts are kept for who knows what they mean. */
export class Inert {
  /** From BUILD: the state of the object. */
  state: Pickled;

  constructor(
    readonly callable: Pickled,
    readonly args: Pickled,
  ) {}
}

/** Lists, tuples and sets are arrays; dicts are Maps, so that no key can reach a prototype. */
export type Pickled = unknown;

/** What a pickle's makers left to the reader. */
export interface PickleReader {
  /** Resolves a persistent id: torch's way to speak of a storage. */
  persistent: (id: Pickled) => Pickled;
  /** Builds the result of the few known functions; undefined for all others, which become {@link Inert}. */
  reduce: (callable: Global, args: readonly Pickled[]) => Pickled | undefined;
}

const MAX_OBJECTS = 250_000;
/** Of a module or of what is in it: both are looked up in tables whenever they are called. */
const MAX_NAME_LENGTH = 1000;
/** The most names that are kept for the warning. */
const MAX_IMPORTS = 1000;

/** The pickle machine: a stack, marks in it, and a memo of values that are used again. */
export class PickleMachine {
  readonly stack: Pickled[] = [];
  readonly marks: number[] = [];
  readonly imports = new Set<string>();
  readonly #memo = new Map<number, Pickled>();
  #objects = 0;

  constructor(
    readonly bytes: Buffer,
    readonly reader: PickleReader,
    public at: number,
  ) {}

  /** True after it wanted more bytes than there are, or kept as much as it may. */
  isSpent = false;

  take(count: number): Buffer {
    if (count > this.bytes.length - this.at) {
      this.isSpent = true;
      throw malformed('it ends too early');
    }
    const taken = this.bytes.subarray(this.at, this.at + count);
    this.at += count;
    return taken;
  }

  uint(size: 1 | 2 | 4): number {
    return this.take(size).readUIntLE(0, size);
  }

  ulong(): number {
    const value = this.take(8).readBigUInt64LE();
    if (value > BigInt(this.bytes.length)) throw malformed('it ends too early');
    return Number(value);
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) {
      this.isSpent = true;
      throw malformed('it ends too early');
    }
    const text = this.take(end - this.at).toString('utf8');
    this.at++;
    return text;
  }

  push(value: Pickled): void {
    this.stack.push(value);
  }

  /** Pushes a value that takes memory. */
  make(value: object): void {
    if (++this.#objects > MAX_OBJECTS) {
      this.isSpent = true;
      throw tooLarge('it holds too many objects');
    }
    this.stack.push(value);
  }

  pop(): Pickled {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw malformed('its stack is empty where a value is needed');
    return this.stack.pop();
  }

  top(): Pickled {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw malformed('its stack is empty where a value is needed');
    return this.stack.at(-1);
  }

  popToMark(): Pickled[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw malformed('it lacks a mark');
    return this.stack.splice(mark);
  }

  memorise(index = this.#memo.size): void {
    if (this.#memo.size > MAX_OBJECTS) throw tooLarge('it stores too many values');
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw malformed('it recalls a value that it never stored');
    this.push(this.#memo.get(index));
  }

  import(module: Pickled, name: Pickled): Global {
    const found = global(module, name);
    if (this.imports.size < MAX_IMPORTS) this.imports.add(found.path);
    return found;
  }

  call(callable: Pickled, args: Pickled): void {
    const built = callable instanceof Global && Array.isArray(args) ? this.reader.reduce(callable, args) : undefined;
    this.make((built as object | undefined) ?? new Inert(callable, args));
  }
}

/** Only text can name something: to make text of a nest of lists takes time without end. */
function global(module: Pickled, name: Pickled): Global {
  if (typeof module !== 'string' || typeof name !== 'string') throw malformed('it imports something without a name');
  if (module.length > MAX_NAME_LENGTH || name.length > MAX_NAME_LENGTH) {
    throw malformed('it imports something with a name of absurd length');
  }
  return new Global(module, name);
}

export function tooLarge(what: string): PickleError {
  return new PickleError(`the pickle in it is larger than any checkpoint's: ${what}`, false);
}

export function malformed(what: string): PickleError {
  return new PickleError(`the pickle in it is malformed: ${what}`);
}
