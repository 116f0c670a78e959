import { Command, CommanderError } from 'commander';
import { loadEnv } from '../config.js';
import { EaselError } from '../engine/errors.js';
import { version } from '../engine/version.js';
import { addOwnOptions, addReferenceOptions, addSizeOptions, expandPrefixes, integer } from './arguments.js';
import { type CacheArguments, runCache } from './cache.js';
import { runDevices } from './devices.js';
import { addImg2ImgOptions, addInpaintOptions, addOutpaintOptions } from './from-picture-arguments.js';
import { type GridArguments, runGrid } from './grid.js';
import { arrangeHelp } from './help.js';
import { type Img2ImgArguments, runImg2Img } from './img2img.js';
import { type InpaintArguments, runInpaint } from './inpaint.js';
import { runInspect } from './inspect.js';
import { type InterrogateArguments, runInterrogate } from './interrogate.js';
import { runModels } from './models.js';
import { type OutpaintArguments, runOutpaint } from './outpaint.js';
import type { PaintArguments } from './paint.js';
import { printable } from './printable.js';
import type { PullArguments } from './pull.js';
import { withRemedy } from './remedies.js';
import { type Asker, type Report, reportFor } from './report.js';
import type { ServeArguments } from './serve.js';
import { addGridOptions, addVaryOptions } from './some-arguments.js';
import { runTxt2Img, TXT2IMG_OUTDIR, type Txt2ImgArguments } from './txt2img.js';
import { runUpscale, type UpscaleArguments } from './upscale.js';
import { addUpscaleOptions } from './upscale-arguments.js';
import { refuseUnknownHelp, whatToDo } from './usage-errors.js';
import { runVary, type VaryArguments } from './vary.js';

/** The command line's output streams, and the signal that interrupts it. */
export interface CommandStreams {
  out: NodeJS.WritableStream;
  /** A progress bar is drawn if it is a terminal. */
  err: NodeJS.WritableStream & { isTTY?: boolean };
  signal: AbortSignal;
  /** Present if somebody sits at the terminal. */
  ask?: Asker;
}

/**
 * The command `easel`.
 *
 * @param argv words after the program's name.
 * @returns the exit code: 0; 1 for an error that the user can fix; 2 for a malformed command line (as argparse); 3 from
 *   `inspect` for a file that could run programs.
 */
export async function easel(argv: readonly string[], { out, err, signal, ask }: CommandStreams): Promise<number> {
  const program = new Command('easel')
    .description('Stable Diffusion v1 on your own machine.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) });

  const reference = addReferenceOptions(program.command('txt2img').description('paint pictures from a prompt'), {
    iterations: 2,
    samples: 3,
    outdir: TXT2IMG_OUTDIR,
  });
  const txt2img = addSizeOptions(reference)
    .option('--dpm_solver', 'use DPM-Solver; takes precedence over --plms')
    .option(
      '--laion400m',
      "CompVis's older model, LAION-400M: models/ldm/text2img-large/model.ckpt, and pictures in outputs/txt2img-samples-laion400m, unless others are given",
    );
  action(addOwnOptions(txt2img), (args: Txt2ImgArguments, report) => runTxt2Img(args, report, signal));

  const img2img = addReferenceOptions(
    program.command('img2img').description('paint pictures from a picture and a prompt'),
    {
      iterations: 1,
      samples: 2,
      outdir: 'outputs/img2img-samples',
      scale: "5; with --mask and for models that edit: 7.5, or the model's own",
    },
  );
  action(addOwnOptions(addImg2ImgOptions(img2img)), (args: Img2ImgArguments, report) =>
    runImg2Img(args, report, signal),
  );

  const inpaint = addReferenceOptions(
    program
      .command('inpaint')
      .summary('repaint a part of a picture')
      .description('repaint a part of a picture: what is white in a mask, or what is transparent'),
    {
      iterations: 1,
      samples: 2,
      outdir: 'outputs/inpaint-samples',
      ownWords: true,
    },
  );
  action(addOwnOptions(addInpaintOptions(inpaint)), (args: InpaintArguments, report) =>
    runInpaint(args, report, signal),
  );

  const outpaint = addReferenceOptions(
    program.command('outpaint').description("paint what is beyond a picture's edges"),
    { iterations: 1, samples: 2, outdir: 'outputs/outpaint-samples', ownWords: true },
  );
  action(addOwnOptions(addOutpaintOptions(outpaint)), (args: OutpaintArguments, report) =>
    runOutpaint(args, report, signal),
  );

  const varies = addVaryOptions(
    program
      .command('vary')
      .summary('paint other versions of pictures')
      .description(
        'paint other versions of pictures. What you do not say is read from each: prompt, settings, model. One that says nothing is varied from what it shows.',
      ),
  );
  action(varies, (args: VaryArguments, report, files) => runVary(args, files, report, signal));

  const grids = addGridOptions(
    program.command('grid').description('put pictures together, or paint one with different settings'),
  );
  action(grids, (args: GridArguments, report, files) => runGrid(args, files, report, signal));

  const upscales = addUpscaleOptions(program.command('upscale').description('make pictures larger'));
  action(upscales, (args: UpscaleArguments, report, files) => runUpscale(args, files, report, signal));

  const models = program.command('models').description('list the models in models/');
  action(models.option('--json', 'one JSON object per line'), (_, report) => runModels(report));

  const pulls = program
    .command('pull')
    .summary('get a model')
    .description('get a model from the Hugging Face Hub or from an address; without a name: list the names')
    .argument('[name]', 'a name from the list, OWNER/NAME of the Hub (also with @REVISION), or an address')
    .option('--file <path>', 'a single file of the repository')
    .option('--revision <name>', 'a branch, tag or commit of the repository (default: main)')
    .option('--sha256 <hex>', 'refuse a file with another SHA-256')
    .option('--as <name>', 'what to call the file that an address leads to')
    .option('--into <folder>', 'the models folder (default: MODELS_DIR, or models/)')
    .option('--no-safety-checker', 'leave out the safety checker that a model needs')
    .option('--yes', 'agree to the licence, for scripts');
  action(pulls.option('--json', 'one JSON object per line'), async (args: PullArguments, report, [name]) => {
    // The Hub's client library takes a while to load, and nothing else needs it.
    const { runPull } = await import('./pull.js');
    await runPull(name, args, report, signal);
  });

  const paints = program
    .command('paint')
    .summary('paint for a bot on another machine')
    .description('paint for a bot on another machine: both have the address of the same Redis in PAINTERS')
    .option('--queue <url>', 'redis:// or rediss:// address of that Redis (default: PAINTERS)')
    .option('--models <folder>', 'the models folder (default: MODELS_DIR, or models/)')
    .option(
      '--slots <n>',
      'jobs that are painted at the same time, each by a process of its own (default: one a device)',
      integer,
    )
    .option('--device <names>', 'where to run: one device, or several such as cuda:0,cuda:1 (default: DEVICE, or auto)')
    .option('--threads <n>', 'CPU threads of each (default: THREADS, or the cores shared out)', integer);
  action(paints.option('--json', 'one JSON object per line'), async (args: PaintArguments, report) => {
    const { runPaint } = await import('./paint.js');
    await runPaint(args, report, signal);
  });

  const serves = program
    .command('serve')
    .summary('paint for other programs, over HTTP')
    .description("paint for other programs over HTTP, in the manner of OpenAI's and AUTOMATIC1111's interfaces")
    .option('--port <n>', 'where to listen; 0: any free port (default: API_PORT, or 7860)', integer)
    .option(
      '--host <address>',
      'where to listen; one that others can reach needs EASEL_API_KEY (default: API_HOST, or 127.0.0.1)',
    )
    .option('--model <name>', 'the model that paints where a program names no other (default: MODEL)')
    .option('--models <folder>', 'the models folder (default: MODELS_DIR, or models/)')
    .option('--device <names>', 'where to run: one device, or several such as cuda:0,cuda:1 (default: DEVICE, or auto)')
    .option('--threads <n>', 'CPU threads (default: THREADS, or as many as there are cores)', integer);
  action(serves.option('--json', 'one JSON object per line'), async (args: ServeArguments, report) => {
    const { runServe } = await import('./serve.js');
    await runServe(args, report, signal);
  });

  const devices = program.command('devices').description('list the devices that can run a model');
  action(devices.option('--json', 'one JSON object per line'), (_, report) => runDevices(report));

  const cache = program
    .command('cache')
    .description('show what is kept for a quicker start, or remove it')
    .option('--clear', 'remove it; it is made again when it is needed');
  action(cache.option('--json', 'one JSON object per line'), (args: CacheArguments, report) => runCache(args, report));

  const inspect = program.command('inspect').description('show how a picture was made, or what is in a checkpoint');
  action(
    inspect
      .argument('<files...>', 'pictures, or checkpoints: files or folders')
      .option('--json', 'one JSON object per line'),
    (_, report, files) => runInspect(files, report),
  );

  const interrogate = program
    .command('interrogate')
    .summary('find words for a picture')
    .description('find words for a picture: prompts that paint something like it; needs a CLIP (npx easel pull clip)')
    .argument('<files...>', 'the pictures; a folder stands for those in it')
    .option('--clip <folder>', "a folder of transformers' CLIPModel (default: the one in models/)")
    .option('--threads <n>', 'CPU threads (default: as many as there are cores)', integer);
  action(interrogate.option('--json', 'one JSON object per line'), (args: InterrogateArguments, report, files) =>
    runInterrogate(files, args, report),
  );

  arrangeHelp(program);

  let report = reportFor(false, out, err);
  let exitCode = 0;
  try {
    await loadEnv();
    const command = program.commands.find((command) => command.name() === argv[0]);
    refuseUnknownHelp(program, argv);
    await program.parseAsync(command ? expandPrefixes(argv, command) : [...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      err.write(whatToDo(error, argv, program));
      return 2;
    }
    if (!(error instanceof EaselError)) throw error;
    const message = withRemedy(error);
    report.event({ event: 'error', message });
    err.write(`easel: ${printable(message)}\n`);
    return 1;
  }

  function action<Arguments extends { json?: boolean }>(
    command: Command,
    body: (args: Arguments, report: Report, words: string[]) => Promise<unknown>,
  ): void {
    command.action(async () => {
      const args = command.opts<Arguments>();
      report = reportFor(args.json ?? false, out, err, ask);
      const code = await body(args, report, command.args);
      if (typeof code === 'number') exitCode = code;
    });
  }
}
