import { box, flat, many, mix, oval, path, shade, soft, solid, turn } from './kit.mjs';
import { pirateHat } from './people.mjs';

const partyHat = (one, two, dots) => () => [
  solid(path('M128 40 Q134 34 140 44 L200 218 Q128 252 56 218 L116 44 Q122 34 128 40 Z'), one, {
    depth: 24,
    on: dots
      ? flat([[128, 84, 11], [104, 126, 12], [148, 132, 13], [86, 182, 14], [130, 190, 14], [174, 184, 14], [60, 222, 12], [152, 230, 12], [106, 228, 11]].map(([x, y, r]) => oval(x, y, r)).join(''), two)
      : flat(many(4, (at) => `<path d="M40 ${110 + at * 46} Q128 ${126 + at * 46} 216 ${70 + at * 46} v20 Q128 ${148 + at * 46} 40 ${132 + at * 46} Z"/>`), two),
  }),
  solid(path('M56 218 Q128 252 200 218'), mix(one, '#ffffff', 0.75), { width: 13, depth: 5 }),
  solid(many(10, (at) => oval(128 + 19 * Math.cos(at * 0.628), 34 + 19 * Math.sin(at * 0.628), 11)) + oval(128, 34, 20), two, { depth: 9 }),
].join('');

const pointedHat = (colour, band, stars) => () => [
  solid(oval(128, 204, 116, 32), colour, { depth: 14 }),
  soft(oval(128, 196, 74, 16), shade(colour, 0.8), 0.6, 6),
  solid(path('M62 198 Q90 146 104 84 Q114 30 160 18 Q190 12 204 34 Q184 34 166 56 Q160 80 170 116 Q178 162 194 198 Q128 232 62 198 Z'), colour, {
    depth: 22,
    on: stars ? flat([[120, 128, 15], [150, 92, 9], [150, 154, 11], [100, 164, 8], [136, 58, 8]].map(([x, y, r]) => path(`M${x} ${y - r} L${x + r * 0.3} ${y - r * 0.3} L${x + r} ${y} L${x + r * 0.3} ${y + r * 0.3} L${x} ${y + r} L${x - r * 0.3} ${y + r * 0.3} L${x - r} ${y} L${x - r * 0.3} ${y - r * 0.3} Z`)).join(''), '#ffe06a') : '',
  }),
  solid(path('M70 178 Q128 208 187 178 L194 200 Q128 232 62 198 Z'), band, { depth: 8 }),
  solid(box(110, 188, 36, 32, 6), '#ffc233', { depth: 5 }) + flat(box(119, 196, 18, 16, 3), band),
].join('');

const cowboyHat = (colour, band) => () => [
  solid(path('M8 150 Q4 120 30 128 Q60 164 128 162 Q196 164 226 128 Q252 120 248 150 Q222 208 128 208 Q34 208 8 150 Z'), colour, { depth: 16 }),
  soft(oval(128, 166, 78, 14), shade(colour, 0.9), 0.6, 6),
  solid(path('M60 168 Q64 104 78 70 Q88 48 106 54 Q128 66 150 54 Q168 48 178 70 Q192 104 196 168 Q128 196 60 168 Z'), colour, { depth: 20, on: soft(oval(128, 58, 30, 20), shade(colour, 0.8), 0.6, 7) }),
  solid(path('M62 144 Q128 170 194 144 L197 168 Q128 196 59 168 Z'), band, { depth: 8 }),
  solid(path('M128 156 l6 10 12 2 -9 8 2 12 -11 -6 -11 6 2 -12 -9 -8 12 -2 Z'), '#ffc233', { depth: 3 }),
].join('');

const santaHat = (colour) => () => [
  solid(path('M52 186 Q56 84 120 50 Q180 24 220 76 Q240 106 232 150 Q220 156 212 146 Q206 118 184 112 Q200 150 200 186 Z'), colour, { depth: 26 }),
  soft(path('M184 112 Q190 90 176 76 Q196 84 200 110 Z'), shade(colour, 0.8), 0.5, 5),
  solid(box(34, 170, 184, 52, 26), '#f8f5fc', { depth: 16 }),
  solid(oval(220, 160, 27), '#f8f5fc', { ball: true, depth: 12 }),
].join('');

const bowTie = (colour) => () => [
  solid(path('M128 128 Q74 62 34 70 Q12 76 12 128 Q12 180 34 186 Q74 194 128 128 Z M128 128 Q182 62 222 70 Q244 76 244 128 Q244 180 222 186 Q182 194 128 128 Z'), colour, {
    depth: 22,
    on: soft(path('M100 128 Q60 112 40 116 Q60 126 40 142 Q70 142 100 128 Z') + path('M156 128 Q196 112 216 116 Q196 126 216 142 Q186 142 156 128 Z'), shade(colour, 0.75), 0.6, 5),
  }),
  solid(box(100, 92, 56, 72, 18), colour, { depth: 14 }),
].join('');

const neckScarf = (one, two) => () => {
  const tail = (angle, long) =>
    turn(angle, 150, 130, solid(path(`M${134} 130 H172 L176 ${long} H130 Z`), one, { depth: 10, on: flat(box(120, 162, 70, 18, 0) + box(120, 200, 70, 18, 0), two) }) + solid(path(`M136 ${long} v8 M147 ${long} v8 M159 ${long} v8 M170 ${long} v8`), two, { width: 7, depth: 2 }));
  return [
    tail(24, 220) + tail(-12, 236),
    solid(path('M20 60 Q128 118 236 60 Q252 92 226 122 Q128 172 30 122 Q4 92 20 60 Z'), one, { depth: 18, on: flat(path('M40 40 L52 150 H78 L70 40 Z M100 40 L106 170 H132 L130 40 Z M190 40 L184 150 H210 L224 40 Z'), two) }),
    solid(box(130, 92, 46, 56, 20), one, { depth: 12 }),
  ].join('');
};

export const clothes = {
  'party-hat': partyHat('#f5427e', '#ffd23c', true),
  'party-hat-blue': partyHat('#3c8ff0', '#ffe14d', false),
  'party-hat-green': partyHat('#3fb764', '#ff6fae', true),
  'wizard-hat': pointedHat('#5a4fd0', '#ffb52e', true),
  'witch-hat': pointedHat('#41365a', '#8e4ad8', false),
  'witch-hat-orange': pointedHat('#3a3350', '#ff8a2b', false),
  'pirate-hat': pirateHat('#3a2f52'),
  'cowboy-hat': cowboyHat('#a8683c', '#5a2f2a'),
  'cowboy-hat-cream': cowboyHat('#e8c08a', '#c0392f'),
  'santa-hat': santaHat('#ea2f38'),
  'bow-tie': bowTie('#e5304a'),
  'bow-tie-black': bowTie('#453b62'),
  'bow-tie-blue': bowTie('#3c86f0'),
  'neck-scarf': neckScarf('#e5364a', '#fff0dc'),
  'neck-scarf-blue': neckScarf('#3f86e8', '#ffd75e'),
};
