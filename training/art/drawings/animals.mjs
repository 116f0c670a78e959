import { eye, flat, line, mirrored, mix, oval, path, soft, solid } from './kit.mjs';

/** Ears, for the left side; the other is its mirror. */
const EARS = {
  cat: (coat, inner) => solid(path('M76 70 L70 20 Q70 8 82 14 L124 44 Z'), coat, { depth: 10 }) + flat(path('M84 56 L80 28 L108 46 Z'), inner),
  fox: (coat, inner, tip) => solid(path('M70 76 L58 14 Q58 2 70 8 L122 46 Z'), coat, { depth: 10, on: flat(path('M40 0 H110 L64 36 Z'), tip) }) + flat(path('M78 62 L72 32 L102 50 Z'), inner),
  frog: (coat) => solid(oval(84, 46, 31), coat, { depth: 12 }),
  pig: (_, inner) => solid(path('M72 78 Q50 40 62 26 Q96 22 116 42 Z'), inner, { depth: 9 }),
  cow: (_, inner) => solid(path('M86 44 Q70 34 72 12 Q92 18 104 34 Z'), '#fff0d0', { depth: 6 }) + solid(oval(46, 66, 30, 18, 24), inner, { depth: 9 }),
  round: (coat, inner) => solid(oval(80, 40, 25), coat, { depth: 10 }) + flat(oval(82, 43, 13), inner),
  panda: () => solid(oval(80, 40, 25), '#443b5c', { depth: 10 }),
  big: (coat, inner) => solid(oval(58, 62, 36, 34), coat, { depth: 14 }) + flat(oval(62, 66, 22, 21), inner),
  long: (coat, inner) => solid(path('M88 66 Q52 -30 84 -38 Q114 -42 120 52 Z'), coat, { depth: 12 }) + flat(path('M94 52 Q70 -20 87 -22 Q104 -22 110 46 Z'), inner),
  flop: (_, inner) => solid(path('M92 34 Q58 30 48 62 Q38 104 58 118 Q80 118 84 84 Q88 60 104 46 Z'), inner, { depth: 12 }),
};

/**
 * An animal that sits and looks at us. Measures are for a head at (128, 88) and a body down to 246.
 *
 * @param face SVG on the head, under the eyes; `belly` a colour; `tail` SVG behind
 */
function sitting({ coat, belly, ear, inner = '#ff9db0', tip = '', face = '', marks = '', tail = '', mane = '', nose = '#3b2742', eyes = 100, muzzle = belly, limb = coat, bigNose = false, snout = '' }) {
  const paw = solid(path('M101 166 Q120 168 118 206 V228 Q118 246 100 246 Q82 246 82 228 V202 Q82 168 101 166 Z'), limb, { depth: 11 });
  return () => [
    tail,
    solid(path('M82 140 Q46 184 52 224 Q56 246 84 246 H172 Q200 246 204 224 Q210 184 174 140 Z'), coat, { depth: 22, on: marks }),
    solid(path('M128 142 Q166 150 160 200 Q152 238 128 238 Q104 238 96 200 Q90 150 128 142 Z'), belly, { depth: 14 }),
    mirrored(solid(oval(68, 226, 30, 20), limb, { depth: 9 })),
    mirrored(paw + line('M94 240 V230 M103 241 V231', mix(limb, '#3a1a40', 0.5), 3, 0.8)),
    soft(oval(128, 148, 46, 12), mix(coat, '#3a1040', 0.7), 0.45, 6),
    mane,
    mirrored(EARS[ear](coat, inner, tip || coat)),
    solid(path('M128 28 Q186 28 196 86 Q202 146 128 150 Q54 146 60 86 Q70 28 128 28 Z'), coat, { depth: 22, on: face }),
    !snout && muzzle && solid(oval(128, 118, 34, 25), muzzle, { depth: 10 }),
    mirrored(soft(oval(82, 114, 13, 9), '#ff6f8a', 0.4, 4) + eye(eyes, 88, 10.5)),
    ...(snout ? [snout] : [
    line('M128 112 V124 Q118 134 110 126 M128 124 Q138 134 146 126'),
    bigNose ? solid(path('M128 84 Q148 86 145 112 Q140 122 128 122 Q116 122 111 112 Q108 86 128 84 Z'), nose, { depth: 9 }) : solid(path('M116 104 Q128 98 140 104 Q138 116 128 117 Q118 116 116 104 Z'), nose, { depth: 4 }),
    ]),
  ].join('');
}

const curled = (colour, tip = colour) =>
  solid(path('M178 222 Q236 226 230 172 Q226 152 212 160'), colour, { width: 24, depth: 10 }) + (tip === colour ? '' : solid(path('M222 164 Q219 156 212 160'), tip, { width: 24, depth: 8 }));
const bushy = (colour, tip) =>
  solid(path('M170 232 Q256 250 248 174 Q240 128 214 122 Q220 160 190 184 Z'), colour, { depth: 16, on: flat(path('M196 110 H256 V166 Q228 150 196 160 Z'), tip) });
const whiskers = mirrored(line('M70 112 L34 104 M70 122 L36 128', '#fff4ea', 4, 0.9));
const stripes = (colour) =>
  flat(path('M120 20 h16 l-8 36 Z M96 24 l12 0 2 26 Z M148 24 l12 0 -14 26 Z M50 82 l30 8 -30 8 Z M52 106 l26 4 -24 10 Z M206 82 l-30 8 30 8 Z M204 106 l-26 4 24 10 Z'), colour);
const flanks = (colour) => flat(path('M40 176 l42 8 -42 10 Z M40 200 l40 4 -40 10 Z M216 176 l-42 8 42 10 Z M216 200 l-40 4 40 10 Z'), colour);

const rabbit = (coat, belly, inner, nose) => {
  const draw = sitting({ coat, belly, ear: 'long', inner, nose, tail: solid(oval(204, 224, 24), belly, { depth: 9 }) });
  return () => `<g transform="translate(18 36) scale(.86)">${draw()}</g>`;
};
const cat = (coat, belly, lines, nose = '#ff7a96') => {
  const draw = sitting({ coat, belly, ear: 'cat', face: lines ? stripes(lines) : '', marks: lines ? flanks(lines) : '', tail: curled(coat, lines || coat), nose });
  return () => draw() + whiskers;
};
const dog = (coat, ears, belly, patch = '') => sitting({ coat, belly, ear: 'flop', inner: ears, face: patch && flat(oval(162, 80, 30, 34), patch), tail: curled(coat) });
const patches = (colour) => flat(oval(98, 90, 23, 27, 28) + oval(158, 90, 23, 27, -28), colour);

const panda = sitting({ coat: '#f6f3fa', belly: '#f6f3fa', ear: 'panda', limb: '#443b5c', face: patches('#443b5c'), marks: flat(path('M60 130 H196 V178 Q128 150 60 178 Z'), '#443b5c') });

const nostrils = (y, colour) => flat(oval(116, y, 5, 7) + oval(140, y, 5, 7), colour);
const smile = (y, wide) => line(`M${128 - wide} ${y} Q128 ${y + wide * 0.6} ${128 + wide} ${y}`);
const horn = solid(path('M112 34 L128 -26 Q130 -30 132 -26 L146 34 Z'), '#ffcf3f', { depth: 7, on: flat(path('M100 16 l50 -12 v7 l-50 12 Z M104 -4 l40 -9 v6 l-40 9 Z'), '#f0962a', 0.6) });
const lock = (x, y, size, colour) => solid(oval(x, y, size), colour, { depth: 9 });

const unicorn = () => {
  const mane = lock(196, 60, 24, '#ff7fc0') + lock(210, 96, 24, '#b58bff') + lock(208, 134, 22, '#6fc3ff') + lock(196, 166, 18, '#ff7fc0');
  const snout = solid(oval(128, 124, 40, 27), '#ffd3e2', { depth: 10 }) + nostrils(118, '#c8648c') + smile(132, 14) + horn + lock(104, 38, 19, '#ff7fc0') + lock(134, 34, 17, '#b58bff');
  const draw = sitting({ coat: '#f7f2fc', belly: '#ffffff', ear: 'cat', snout, mane, limb: '#f7f2fc', tail: bushy('#b58bff', '#ff7fc0') });
  return () => `<g transform="translate(15 30) scale(.88)">${draw()}</g>`;
};

const frog = sitting({
  coat: '#58b94c', belly: '#e2f2a0', ear: 'frog', eyes: 300,
  snout: mirrored(solid(oval(86, 44, 19), '#fdfbe8', { ball: true, depth: 6 }) + eye(88, 46, 11)) + nostrils(92, '#2f7a35') + smile(108, 42),
});

const seahorse = (coat, fin) => () => [
  solid(path('M170 104 Q222 96 222 134 Q214 164 170 150 Z'), fin, { depth: 9 }),
  solid(path('M146 158 Q158 208 122 224 Q92 232 86 206 Q88 186 106 190 Q114 196 108 204'), coat, { width: 22, depth: 9 }),
  solid(path('M128 70 Q180 74 184 128 Q180 176 150 190 Q128 190 118 166 Q98 150 104 122 Q110 104 128 100 Z'), coat, { depth: 20, on: flat(path('M90 128 Q124 140 140 126 v7 Q126 148 90 138 Z M96 152 Q128 160 146 146 v7 Q130 168 100 162 Z M112 174 Q136 178 152 166 v7 Q138 186 114 184 Z'), fin, 0.9) }),
  solid(path('M96 70 Q72 68 58 76 Q46 70 44 84 Q46 98 58 92 Q76 98 100 92 Z'), coat, { depth: 9 }),
  solid(path('M104 36 L104 4 L122 22 L140 2 L146 28 L168 22 L164 48 L182 62 L160 76 Z'), fin, { depth: 8 }) + solid(oval(126, 64, 42, 38), coat, { depth: 16 }),
  eye(112, 58, 11) + soft(oval(124, 84, 11, 6), '#ff5a7a', 0.5, 3),
].join('');

export const animals = {
  'cat': cat('#ffb043', '#fff0d6', '#f07f2a'),
  'cat-gray': cat('#a39fb8', '#f3f0f8', '#76718f'),
  'cat-white': cat('#f7f3fb', '#ffffff', ''),
  'cat-black': cat('#4a4260', '#6a6182', '', '#ff8aa5'),
  'dog': dog('#e8ad6c', '#8a5238', '#fff0d8'),
  'dog-white': dog('#f7f2fa', '#6b4a40', '#ffffff', '#8a5f4c'),
  'dog-brown': dog('#a4694a', '#6d3f30', '#f0d0ac'),
  'fox': sitting({ coat: '#ff8433', belly: '#fff3e2', ear: 'fox', inner: '#fff0e0', tip: '#4a2b35', tail: bushy('#ff8433', '#fff3e2'), face: flat(path('M50 96 Q92 96 118 122 L128 160 H50 Z M206 96 Q164 96 138 122 L128 160 H206 Z'), '#fff3e2') }),
  'bear': sitting({ coat: '#a8683f', belly: '#e6b988', ear: 'round', inner: '#e6a679' }),
  'polar-bear': sitting({ coat: '#f5f2fa', belly: '#ffffff', ear: 'round', inner: '#e0d3e6' }),
  'panda': panda,
  'rabbit': rabbit('#f3eef8', '#ffffff', '#ffb0c2', '#ff7a96'),
  'rabbit-brown': rabbit('#c08a5e', '#f6e2c8', '#ffb39e', '#8a4a4a'),
  'koala': sitting({ coat: '#a5a1b8', belly: '#e9e5f0', ear: 'big', inner: '#f4eef8', muzzle: '', nose: '#3b3048', bigNose: true }),
  'lion': sitting({ coat: '#ffb93d', belly: '#ffe8b8', ear: 'round', inner: '#d9822c', mane: solid(oval(128, 90, 94, 88), '#c4622c', { depth: 26 }), tail: curled('#ffb93d', '#c4622c') }),
  'tiger': sitting({ coat: '#ff9a2f', belly: '#fff3df', ear: 'round', inner: '#4a3340', face: stripes('#4a3340'), marks: flanks('#4a3340'), tail: curled('#ff9a2f', '#4a3340'), nose: '#e85a76' }),
  'wolf': sitting({ coat: '#8d8fa8', belly: '#eeecf4', ear: 'fox', inner: '#d9d3e4', tip: '#5d5f7c', tail: bushy('#8d8fa8', '#eeecf4'), face: flat(path('M50 96 Q92 96 118 122 L128 160 H50 Z M206 96 Q164 96 138 122 L128 160 H206 Z'), '#eeecf4') }),
  'frog': frog,
  'pig': sitting({ coat: '#ff9db8', belly: '#ffc4d4', ear: 'pig', inner: '#f57a9c', snout: solid(oval(128, 114, 30, 22), '#ff7fa2', { depth: 9 }) + nostrils(114, '#b0305a') + smile(138, 11) }),
  'cow': sitting({ coat: '#f8f5fc', belly: '#ffffff', ear: 'cow', inner: '#463c58', face: flat(oval(180, 52, 32, 30) + oval(92, 30, 26, 16), '#463c58'), marks: flat(oval(66, 186, 26, 24) + oval(196, 214, 30, 26), '#463c58'), snout: solid(oval(128, 124, 44, 26), '#ffb3b8', { depth: 10 }) + nostrils(116, '#b85a6a') + smile(132, 14), tail: curled('#f8f5fc', '#463c58') }),
  'unicorn': unicorn(),
  'seahorse': seahorse('#ff9a2f', '#ff5f7a'),
  'seahorse-blue': seahorse('#43b3e8', '#8a6bf0'),
  'mouse': sitting({ coat: '#aaa5bd', belly: '#f0ecf6', ear: 'big', inner: '#ffb3c4', nose: '#ff7a96', tail: solid(path('M180 230 Q244 240 240 190 Q236 172 224 180'), '#f29bb0', { width: 9, depth: 4 }) }),
};
