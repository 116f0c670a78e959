/**
 * Modules whose functions let a pickle run programs, open files or reach the network when Python loads it. What torch and
 * its friends put into checkpoints is not among them. picklescan (github.com/mmaitre314/picklescan) warns of the same.
 */
const MODULES = new Set(
  `os posix nt sys subprocess commands pty shutil socket ssl ctypes runpy pickle _pickle dill cloudpickle pip ensurepip
  importlib pkgutil imp code codeop pdb bdb trace profile cProfile timeit doctest pydoc webbrowser venv asyncio aiohttp
  httplib http urllib urllib2 requests multiprocessing threading signal platform tempfile pathlib io distutils idlelib lib2to3
  numpy.f2py numpy.testing torch.hub torch.jit torch._dynamo torch._inductor torch.utils.bottleneck torch.utils.collect_env
  torch.utils.cpp_extension torch.utils._config_module torch.fx.experimental torch.serialization joblib`.split(/\s+/),
);

const BUILTINS = new Set(
  'eval exec execfile compile getattr setattr delattr apply open breakpoint __import__ input globals locals vars map filter type'.split(
    ' ',
  ),
);

const OTHERS = new Set([
  'functools.partial',
  'functools.reduce',
  'operator.attrgetter',
  'operator.itemgetter',
  'operator.methodcaller',
  'torch.load',
  'numpy.load',
]);

/** Whether a pickle that imports this can do harm when it is loaded as a pickle. @param path `module.name`. */
export function isDangerous(path: string): boolean {
  const parts = path.split('.');
  const [first, second] = parts as [string, string?];
  if (first === 'builtins' || first === '__builtin__') return second === undefined || BUILTINS.has(second);
  if (OTHERS.has(path)) return true;
  return parts.some((_, k) => k > 0 && MODULES.has(parts.slice(0, k).join('.')));
}

/** A warning about such a file. Names come from the file, so only their letters are shown. */
export function importsWarning(file: string, dangerous: readonly string[]): string {
  const names = dangerous.slice(0, 5).map((name) => name.replace(/[^\w.]/g, '?').slice(0, 60));
  const more = dangerous.length > 5 ? ` and ${dangerous.length - 5} more` : '';
  return `${file}: the pickle in it asks for ${names.join(', ')}${more}, with which it could run programs where it is loaded as Python does. Easel ran nothing of it; do not open it with other programs.`;
}
