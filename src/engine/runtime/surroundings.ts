import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir, release } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Which driver is taken, and of which GPU, is up to these as well: Vulkan's loader's, Mesa's, NVIDIA's and the linker's. */
const VARIABLES = /^(VK|MESA|DRI|CUDA|NVIDIA|LD)_/;

/** Windows unpacks each version of a driver into a folder of its own in here. */
const DRIVER_STORE = 'C:\\Windows\\System32\\DriverStore\\FileRepository';

/**
 * What the system tells of its GPUs and their drivers while none of them runs: it changes when a driver is installed,
 * updated, or chosen in another way.
 *
 * @param libraries further files that it depends on.
 */
export function surroundings(
  libraries: readonly string[] = [],
  // biome-ignore lint/style/noProcessEnv: what Vulkan, Mesa, NVIDIA and the linker are told, not Easel.
  { env = process.env, platform = process.platform as string } = {},
): string[] {
  const system = `${platform} ${release()}`;
  if (platform === 'win32') return [system, stamp(DRIVER_STORE)];
  if (platform !== 'linux') return [system];
  const chosen = Object.keys(env).filter((name) => VARIABLES.test(name) && env[name]);
  return [
    system,
    ...chosen.sort().map((name) => `${name}=${env[name]}`),
    ...gpuNodes(),
    firstLine('/proc/driver/nvidia/version'),
    ...[...vulkanDrivers(env), ...libraries].map(stamp),
  ];
}

/** Device files of GPUs that can compute; a screen alone has none. */
export function gpuNodes(): string[] {
  const named = (folder: string, name: RegExp) =>
    entries(folder)
      .filter((entry) => name.test(entry))
      .map((entry) => join(folder, entry));
  return [...named('/dev/dri', /^renderD/), ...named('/dev', /^(nvidia\d+|kfd|dxg)$/)];
}

/** The manifests that Vulkan's loader looks for (LoaderDriverInterface.md, "Driver Discovery"), and the libraries they name. */
function vulkanDrivers(env: NodeJS.ProcessEnv): string[] {
  const paths = (value: string | undefined) => value?.split(':').filter(Boolean) ?? [];
  const home = env.HOME ?? safeHome();
  const folders = [
    env.XDG_CONFIG_HOME || join(home, '.config'),
    ...paths(env.XDG_CONFIG_DIRS || '/etc/xdg'),
    '/etc',
    env.XDG_DATA_HOME || join(home, '.local/share'),
    ...paths(env.XDG_DATA_DIRS || '/usr/local/share:/usr/share'),
  ].map((folder) => join(folder, 'vulkan/icd.d'));
  const given = [env.VK_DRIVER_FILES, env.VK_ICD_FILENAMES, env.VK_ADD_DRIVER_FILES].flatMap(paths);
  const manifests = [...given, ...folders].flatMap((path) =>
    path.endsWith('.json') ? [path] : entries(path).map((name) => join(path, name)),
  );
  return [...new Set(manifests)].flatMap((manifest) => [manifest, ...libraryOf(manifest)]);
}

function libraryOf(manifest: string): string[] {
  try {
    const { library_path: path } = JSON.parse(readFileSync(manifest, 'utf8')).ICD;
    // A bare name is looked for by the linker; the manifest comes with the library and changes with it.
    return path.includes('/') ? [resolve(dirname(manifest), path)] : [];
  } catch {
    return [];
  }
}

function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${path} ${found.size} ${Math.round(found.mtimeMs)}` : path;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n', 1)[0]!;
  } catch {
    return '';
  }
}

/** A user that the system does not know has none. */
function safeHome(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}
