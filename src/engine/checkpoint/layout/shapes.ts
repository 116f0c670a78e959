/** Shapes by canonical name: what a network of a given configuration is made of. */
export type Shapes = Map<string, readonly number[]>;

/** A bias is one number an output channel. */
export function addLinear(shapes: Shapes, name: string, input: number, output: number, bias = true): void {
  shapes.set(`${name}.weight`, [output, input]);
  if (bias) shapes.set(`${name}.bias`, [output]);
}

export function addConv(shapes: Shapes, name: string, input: number, output: number, kernel: number): void {
  shapes.set(`${name}.weight`, [output, input, kernel, kernel]);
  shapes.set(`${name}.bias`, [output]);
}

export function addNorm(shapes: Shapes, name: string, channels: number): void {
  shapes.set(`${name}.weight`, [channels]);
  shapes.set(`${name}.bias`, [channels]);
}

/** Two normalised 3x3 convolutions; the time embedding enters between them; a 1x1 shortcut where the width changes. */
export function addResnet(shapes: Shapes, name: string, input: number, output: number, timeWidth?: number): void {
  addNorm(shapes, `${name}.norm1`, input);
  addConv(shapes, `${name}.conv1`, input, output, 3);
  if (timeWidth !== undefined) addLinear(shapes, `${name}.time_emb_proj`, timeWidth, output);
  addNorm(shapes, `${name}.norm2`, output);
  addConv(shapes, `${name}.conv2`, output, output, 3);
  if (input !== output) addConv(shapes, `${name}.conv_shortcut`, input, output, 1);
}
