import type { Command, CommanderError } from 'commander';

/** What other programs call our options, or what one types first. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  '--steps': '--ddim_steps',
  '--num_inference_steps': '--ddim_steps',
  '--cfg': '--scale',
  '--cfg_scale': '--scale',
  '--cfg-scale': '--scale',
  '--guidance': '--scale',
  '--guidance_scale': '--scale',
  '--negative_prompt': '--negative',
  '--negative-prompt': '--negative',
  '--width': '--W',
  '--height': '--H',
  '--image': '--init-img',
  '--init_image': '--init-img',
  '--count': '--n_samples',
  '--batch_size': '--n_samples',
  '-n': '--n_samples',
  '--output': '--outdir',
  '--out': '--outdir',
  '-o': '--outdir',
  '-p': '--prompt',
  '-s': '--seed',
  '-m': '--model',
  '-i': '--init-img',
};

/** `help NAME` of a command that there is not: commander would show the program's help without a word. */
export function refuseUnknownHelp(program: Command, [first, name]: readonly string[]): void {
  if (first !== 'help' || name === undefined || name === 'help' || find(program, name)) return;
  program.error(`error: unknown command '${name}'`, { exitCode: 2, code: 'commander.unknownCommand' });
}

/** What to do about a command line that commander has refused, after its own line about it. */
export function whatToDo(error: CommanderError, argv: readonly string[], program: Command): string {
  if (error.code === 'commander.help') return '';
  const command = argv[0] === undefined ? undefined : find(program, argv[0]);
  const hint = command ? hintFor(error, command) : misplacedPrompt(argv);
  const help = command ? `npx easel ${command.name()} --help` : 'npx easel --help';
  return `${hint ? `${hint}\n` : ''}See: ${help}\n`;
}

function hintFor({ code, message }: CommanderError, command: Command): string | undefined {
  const takesPrompt = command.options.some(({ long }) => long === '--prompt');
  if (code === 'commander.excessArguments') {
    if (takesPrompt) return 'Words go after --prompt, in quotes: --prompt "a red apple"';
    if (command.name() === 'paint') return misplacedPrompt(['paint']);
  }
  if (code === 'commander.unknownOption') {
    const name = OTHER_NAMES[/'(-[^'=]*)/.exec(message)?.[1] ?? ''];
    if (command.options.some(({ long }) => long === name)) return `Here it is called ${name}.`;
  }
  return undefined;
}

function misplacedPrompt([first]: readonly string[]): string | undefined {
  if (first === 'help' || first?.startsWith('-')) return undefined;
  return 'To paint: npx easel txt2img --prompt "a red apple"';
}

function find(program: Command, name: string): Command | undefined {
  return program.commands.find((command) => command.name() === name);
}
