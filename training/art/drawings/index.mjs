/** Our own drawings of what emoji lack, by name: each is a function that gives SVG on a canvas of 256. */
import { animals } from './animals.mjs';
import { buildings } from './buildings.mjs';
import { clothes } from './clothes.mjs';
import { objects } from './objects.mjs';
import { people } from './people.mjs';
import { vehicles } from './vehicles.mjs';

export const drawings = { ...animals, ...buildings, ...clothes, ...objects, ...people, ...vehicles };
