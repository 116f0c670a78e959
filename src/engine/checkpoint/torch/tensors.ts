import type { DType } from '../tensor.js';
import { Global, Inert, type Pickled, PickleError, type PickleReader } from './pickle-machine.js';

/** Torch's storage classes and dtypes, as its pickles name them. */
const DTYPES: Record<string, DType> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
  'torch.storage.UntypedStorage': 'U8',
  'torch.UntypedStorage': 'U8',
  'torch.float64': 'F64',
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.float8_e4m3fn': 'F8_E4M3',
  'torch.float8_e5m2': 'F8_E5M2',
  'torch.int64': 'I64',
  'torch.int32': 'I32',
  'torch.int16': 'I16',
  'torch.int8': 'I8',
  'torch.uint8': 'U8',
  'torch.bool': 'BOOL',
};

/** A run of elements that tensors look into. */
export class StorageReference {
  constructor(
    readonly dtype: DType | undefined,
    /** The name of its type, for messages. */
    readonly type: string,
    readonly key: string,
    readonly elements: number,
    /** Elements to skip: a legacy file's view of another storage. */
    readonly start = 0,
  ) {}
}

/** A tensor as torch describes it: numbers not yet checked against the storage. */
export class TensorReference {
  constructor(
    readonly storage: StorageReference,
    readonly dtype: DType | undefined,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** The persistent ids and rebuild functions of torch.save (torch/serialization.py, torch/_utils.py); all else stays inert. */
export const torchReader: PickleReader = {
  persistent(id) {
    if (!Array.isArray(id) || id[0] !== 'storage') return new Inert(null, id);
    const [, type, key, , elements, view] = id;
    if (!(type instanceof Global)) throw new PickleError('a storage in it has no valid type');
    const { path } = type;
    if (typeof key !== 'string' || !/^\d{1,20}$/.test(key)) throw new PickleError('a storage in it has no valid name');
    if (!isCount(elements)) throw new PickleError('a storage in it has no valid size');
    const dtype = Object.hasOwn(DTYPES, path) ? DTYPES[path] : undefined;
    const start = Array.isArray(view) && isCount(view[1]) ? view[1] : 0;
    return new StorageReference(dtype, path, key, elements, start);
  },

  reduce({ path }, args) {
    switch (path) {
      case 'collections.OrderedDict':
        return new Map();
      case 'torch._utils._rebuild_tensor':
      case 'torch._utils._rebuild_tensor_v2':
        return tensor(args[0], args[1], args[2], args[3]);
      case 'torch._utils._rebuild_tensor_v3':
        return tensor(args[0], args[1], args[2], args[3], args[6]);
      case 'torch._utils._rebuild_parameter':
      case 'torch._utils._rebuild_parameter_with_state':
        return args[0];
      case 'torch._tensor._rebuild_from_type_v2':
        return args[0] instanceof Global && Array.isArray(args[2]) && !args[0].path.startsWith('torch._tensor.')
          ? this.reduce(args[0], args[2])
          : undefined;
      default:
        return undefined;
    }
  },
};

function tensor(storage: Pickled, offset: Pickled, shape: Pickled, strides: Pickled, type?: Pickled): TensorReference {
  if (!(storage instanceof StorageReference) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) {
    throw new PickleError('a tensor in it has an invalid description');
  }
  if (shape.length !== strides.length || shape.length > 16) throw new PickleError('a tensor in it has no valid shape');
  const dtype = type instanceof Global ? DTYPES[type.path] : storage.dtype;
  return new TensorReference(storage, dtype, offset, shape, strides);
}

function isCount(value: Pickled): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: Pickled): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
