import {
  Inert,
  malformed,
  type Pickled,
  PickleError,
  PickleMachine,
  type PickleReader,
  tooLarge,
} from './pickle-machine.js';

/** A full Stable Diffusion checkpoint with optimizer states takes about 100,000 opcodes and 1 MB. */
const MAX_OPCODES = 1_000_000;
const MAX_INTEGER_BYTES = 256;

/**
 * Reads one pickle, protocols 0 to 5 (Python's pickletools describes the opcodes). Executes nothing: imports are names,
 * calls are {@link Inert}. Memory and time are bounded, whatever the bytes say.
 *
 * @param start offset of the pickle in `bytes`.
 * @returns the value, the offset after it, and what it would import, as `module.name`.
 * @throws PickleError for anything malformed.
 */
export function unpickle(bytes: Buffer, reader: PickleReader, start = 0): Unpickled {
  const machine = new PickleMachine(bytes, reader, start);
  for (let opcodes = 0; opcodes < MAX_OPCODES; opcodes++) {
    const opcode = machine.take(1)[0]!;
    if (opcode === STOP) return { value: machine.pop(), end: machine.at, imports: machine.imports };
    const run = OPCODES.get(opcode);
    if (!run) throw malformed(`it has the unknown opcode 0x${opcode.toString(16)}`);
    run(machine);
  }
  throw tooLarge('it is too long');
}

/** Of a name that Python could import. Weights that are taken for a pickle give others. */
const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}.]*$/u;

/**
 * The names in pickles that follow each other, also of one that {@link unpickle} refuses: what Python imports before it comes
 * to the fault has been imported. So a fault only ends the look if no opcode can follow it.
 *
 * @param found gets them, as `module.name`.
 */
export function namedBy(bytes: Buffer, mostPickles: number, found: Set<string>): void {
  let at = 0;
  for (let k = 0; k < mostPickles && at < bytes.length; k++) {
    const machine = new PickleMachine(bytes, NAMES_ONLY, at);
    const whole = runOn(machine);
    for (const name of machine.imports) if (IDENTIFIER.test(name)) found.add(name);
    if (!whole) return;
    at = machine.at;
  }
}

const NAMES_ONLY: PickleReader = { persistent: () => null, reduce: () => undefined };

/** @returns whether it came to the pickle's end. */
function runOn(machine: PickleMachine): boolean {
  for (let opcodes = 0; opcodes < MAX_OPCODES; opcodes++) {
    if (machine.at >= machine.bytes.length) return false;
    const opcode = machine.take(1)[0]!;
    if (opcode === STOP) return true;
    const run = OPCODES.get(opcode);
    if (!run) return false;
    try {
      run(machine);
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      if (machine.isSpent) return false;
    }
  }
  return false;
}

export interface Unpickled {
  value: Pickled;
  end: number;
  imports: ReadonlySet<string>;
}

type Opcode = (machine: PickleMachine) => void;

const STOP = '.'.charCodeAt(0);

/** By the names of pickletools.opcodes. What is missing here (extension registry, out-of-band buffers) torch never writes. */
const OPCODES = new Map<number, Opcode>(
  Object.entries({
    // Values
    N: (m) => m.push(null), // NONE
    '\x88': (m) => m.push(true), // NEWTRUE
    '\x89': (m) => m.push(false), // NEWFALSE
    I: (m) => m.push(textInteger(m.line())), // INT
    L: (m) => m.push(textInteger(m.line().replace(/L$/, ''))), // LONG
    J: (m) => m.push(m.take(4).readInt32LE()), // BININT
    K: (m) => m.push(m.uint(1)), // BININT1
    M: (m) => m.push(m.uint(2)), // BININT2
    '\x8a': (m) => m.push(integer(m.take(m.uint(1)))), // LONG1
    '\x8b': (m) => m.push(integer(m.take(m.uint(4)))), // LONG4
    F: (m) => m.push(Number(m.line())), // FLOAT
    G: (m) => m.push(m.take(8).readDoubleBE()), // BINFLOAT
    S: (m) => m.push(m.line().replace(/^(['"])(.*)\1$/, '$2')), // STRING
    T: (m) => m.push(m.take(m.uint(4)).toString('latin1')), // BINSTRING
    U: (m) => m.push(m.take(m.uint(1)).toString('latin1')), // SHORT_BINSTRING
    V: (m) => m.push(m.line()), // UNICODE
    X: (m) => m.push(m.take(m.uint(4)).toString('utf8')), // BINUNICODE
    '\x8c': (m) => m.push(m.take(m.uint(1)).toString('utf8')), // SHORT_BINUNICODE
    '\x8d': (m) => m.push(m.take(m.ulong()).toString('utf8')), // BINUNICODE8
    B: (m) => m.make(m.take(m.uint(4))), // BINBYTES
    C: (m) => m.make(m.take(m.uint(1))), // SHORT_BINBYTES
    '\x8e': (m) => m.make(m.take(m.ulong())), // BINBYTES8
    '\x96': (m) => m.make(m.take(m.ulong())), // BYTEARRAY8

    // Collections
    ']': (m) => m.make([]), // EMPTY_LIST
    l: (m) => m.make(m.popToMark()), // LIST
    a: (m) => append(m, [m.pop()]), // APPEND
    e: (m) => append(m, m.popToMark()), // APPENDS
    ')': (m) => m.make([]), // EMPTY_TUPLE
    t: (m) => m.make(m.popToMark()), // TUPLE
    '\x85': (m) => m.make([m.pop()]), // TUPLE1
    '\x86': (m) => m.make([m.pop(), m.pop()].reverse()), // TUPLE2
    '\x87': (m) => m.make([m.pop(), m.pop(), m.pop()].reverse()), // TUPLE3
    '}': (m) => m.make(new Map()), // EMPTY_DICT
    d: (m) => {
      const pairs = m.popToMark(); // DICT
      m.make(new Map());
      setItems(m, pairs);
    },
    s: (m) => setItems(m, [m.pop(), m.pop()].reverse()), // SETITEM
    u: (m) => setItems(m, m.popToMark()), // SETITEMS
    '\x8f': (m) => m.make([]), // EMPTY_SET
    '\x90': (m) => append(m, m.popToMark()), // ADDITEMS
    '\x91': (m) => m.make(m.popToMark()), // FROZENSET

    // Stack and memo
    '(': (m) => m.marks.push(m.stack.length), // MARK
    '0': (m) => void (m.stack.length === m.marks.at(-1) ? m.popToMark() : m.pop()), // POP
    '1': (m) => void m.popToMark(), // POP_MARK
    '2': (m) => m.push(m.top()), // DUP
    p: (m) => m.memorise(Number(m.line())), // PUT
    q: (m) => m.memorise(m.uint(1)), // BINPUT
    r: (m) => m.memorise(m.uint(4)), // LONG_BINPUT
    '\x94': (m) => m.memorise(), // MEMOIZE
    g: (m) => m.recall(Number(m.line())), // GET
    h: (m) => m.recall(m.uint(1)), // BINGET
    j: (m) => m.recall(m.uint(4)), // LONG_BINGET

    // Objects
    c: (m) => m.make(m.import(m.line(), m.line())), // GLOBAL
    '\x93': (m) => {
      const [name, module] = [m.pop(), m.pop()]; // STACK_GLOBAL
      m.make(m.import(module, name));
    },
    R: (m) => {
      const args = m.pop(); // REDUCE
      m.call(m.pop(), args);
    },
    '\x81': (m) => {
      const args = m.pop(); // NEWOBJ
      m.call(m.pop(), args);
    },
    '\x92': (m) => {
      const [, args, type] = [m.pop(), m.pop(), m.pop()]; // NEWOBJ_EX, its keyword arguments dropped
      m.call(type, args);
    },
    o: (m) => {
      const [type, ...args] = m.popToMark(); // OBJ
      m.call(type, args);
    },
    i: (m) => m.call(m.import(m.line(), m.line()), m.popToMark()), // INST
    b: (m) => {
      const state = m.pop(); // BUILD
      const object = m.top();
      if (object instanceof Inert) object.state = state;
    },
    P: (m) => m.push(m.reader.persistent(m.line())), // PERSID
    Q: (m) => m.push(m.reader.persistent(m.pop())), // BINPERSID

    // Framing
    '\x80': (m) => {
      if (m.uint(1) > 5) throw new PickleError('its pickle has a protocol above 5', false); // PROTO
    },
    '\x95': (m) => void m.take(8), // FRAME
  } satisfies Record<string, Opcode>).map(([character, run]) => [character.charCodeAt(0), run]),
);

/** Items for a placeholder (a list or dict subclass that is not known) are dropped. */
function append(machine: PickleMachine, items: Pickled[]): void {
  const list = machine.top();
  if (Array.isArray(list)) for (const item of items) list.push(item);
  else if (!(list instanceof Inert)) throw malformed('it appends to something that is not a list');
}

function setItems(machine: PickleMachine, pairs: Pickled[]): void {
  const dict = machine.top();
  if (pairs.length % 2 !== 0) throw malformed('it sets a key without a value');
  if (dict instanceof Map) for (let k = 0; k < pairs.length; k += 2) dict.set(pairs[k], pairs[k + 1]);
  else if (!(dict instanceof Inert)) throw malformed('it sets an item of something that is not a dict');
}

/** Little-endian two's complement; a number where that is exact. */
function integer(bytes: Buffer): number | bigint {
  if (bytes.length > MAX_INTEGER_BYTES) throw malformed('it holds an integer of absurd size');
  if (bytes.length === 0) return 0;
  const value = BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`));
  return asNumber(value);
}

/** INT also writes booleans, as 00 and 01. */
function textInteger(text: string): number | bigint | boolean {
  if (text === '00' || text === '01') return text === '01';
  if (text.length > MAX_INTEGER_BYTES || !/^-?\d+$/.test(text)) throw malformed('it holds a malformed integer');
  return asNumber(BigInt(text));
}

function asNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
