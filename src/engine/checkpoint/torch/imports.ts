/**
 * Modules whose functions let a pickle run programs, open files or reach the network when Python loads it. What torch and
 * its friends put into checkpoints is not among them. picklescan (github.com/mmaitre314/picklescan) warns of the same.
 */
const MODULES = new Set(
  `os posix nt sys subprocess commands pty shutil socket ssl ctypes runpy pickle _pickle dill cloudpickle pip ensurepip
  importlib pkgutil imp code codeop pdb bdb trace profile cProfile timeit doctest pydoc webbrowser venv asyncio aiohttp
  httplib http urllib urllib2 requests multiprocessing signal tempfile distutils idlelib lib2to3 uuid test _osx_support
  _aix_support _pyrepl imaplib smtplib ftplib telnetlib poplib nntplib xmlrpc socketserver zipimport imp marshal
  numpy.f2py numpy.testing torch.hub torch.jit torch._dynamo torch._inductor torch.utils.bottleneck torch.utils.collect_env
  torch.utils.cpp_extension torch.utils._config_module torch.fx.experimental torch.serialization joblib`.split(/\s+/),
);

const BUILTINS = new Set(
  'eval exec execfile compile getattr setattr delattr apply open breakpoint __import__ input globals locals vars map filter type'.split(
    ' ',
  ),
);

const OPERATORS = new Set(['partial', 'reduce', 'attrgetter', 'itemgetter', 'methodcaller', 'call']);

const OTHERS = new Set([
  'io.FileIO',
  'io.open',
  'io.open_code',
  '_io.FileIO',
  '_io.open',
  '_io.open_code',
  'logging.FileHandler',
  'logging.config',
  'types.CodeType',
  'types.FunctionType',
  'torch.load',
  'torch.utils.data.datapipes.utils.decoder.basichandlers',
  'numpy.load',
  'pandas.read_pickle',
]);

/** Through another module's attributes every module that it imports can be reached: `torch.os.system`. */
const REACHED = /^_*(os|sys|subprocess|builtins|importlib|eval|exec|import|globals|subclasses|getattribute)_*$/;

/** What torch and its friends put into checkpoints, and the types of plain values. */
const HARMLESS =
  /^(collections\.(OrderedDict|defaultdict|Counter)|_codecs\.encode|torch\.\w*(Storage|Tensor)|torch\.storage\.(Untyped|Typed|_Untyped|_Typed|\w+)Storage|torch\.(b?float|int|uint|complex|q?u?int|bool)\w*|torch\.(Size|device|Tensor)|torch\._tensor\._rebuild_from_type_v2|torch\._utils\._rebuild_\w+|torch\.nn\.parameter\.Parameter|torch\.nn\.modules\.container\.ParameterDict|torch\.serialization\._get_layout|numpy\.(dtype|ndarray|float\d+|int\d+)|numpy\.(_core|core)\.multiarray\.(scalar|_reconstruct)|(builtins|__builtin__)\.(set|frozenset|list|dict|tuple|int|float|bool|str|bytes|bytearray|complex|object|slice|range|long|unicode))$/;

/** Whether every honest checkpoint may name it, so that it is not worth a word. */
export function isHarmless(path: string): boolean {
  return HARMLESS.test(path);
}

/** Whether a pickle that imports this can do harm when it is loaded as a pickle. @param path `module.name`. */
export function isDangerous(path: string): boolean {
  const parts = path.split('.');
  const [first, second] = parts as [string, string?];
  if (first === 'builtins' || first === '__builtin__') return second === undefined || BUILTINS.has(second);
  if (parts.some((_, k) => OTHERS.has(parts.slice(0, k + 1).join('.')))) return true;
  if (['operator', '_operator', 'functools', '_functools'].includes(first) && OPERATORS.has(second ?? '')) return true;
  if (parts.slice(1).some((part) => REACHED.test(part))) return true;
  return parts.some((_, k) => k > 0 && MODULES.has(parts.slice(0, k).join('.')));
}

/** A warning about such a file. Names come from the file, so only their letters are shown. */
export function importsWarning(file: string, dangerous: readonly string[]): string {
  const names = dangerous.slice(0, 5).map((name) => name.replace(/[^\w.]/g, '?').slice(0, 60));
  const more = dangerous.length > 5 ? ` and ${dangerous.length - 5} more` : '';
  return `${file}: the pickle in it asks for ${names.join(', ')}${more}, with which it could run programs where it is loaded as Python does. Easel ran nothing of it; do not open it with other programs.`;
}
