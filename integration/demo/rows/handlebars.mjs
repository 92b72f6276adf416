// Row: a synchronous template helper that waits for a promise.
import { setTimeout as delay } from 'node:timers/promises';
import Handlebars from 'handlebars';
import { Overlap } from '../overlap.mjs';

const PAGES = 20;

export const row = {
  packages: ['handlebars'],
  what: `template × ${PAGES}, a helper waits for a promise`,
  expected: Array.from({ length: PAGES }, (_, i) => `<ul><li>USER-${i}</li><li>user-${i}'s friend</li></ul>`),
  natively: 'wrong',
  atOnce: PAGES,
  maxGapMs: 250,
};

export async function run({ together, wait }) {
  const overlap = new Overlap();
  const lookUp = async (name) => {
    await delay(50);
    return name;
  };
  const handlebars = Handlebars.create();
  handlebars.registerHelper('user', (id) => overlap.during(() => wait(lookUp(`user-${id}`))));
  handlebars.registerHelper('upper', (text) => String(text).toUpperCase());
  const template = handlebars.compile("<ul><li>{{upper (user id)}}</li><li>{{user id}}'s friend</li></ul>");
  const results = await together(PAGES, (id) => template({ id }));
  return { results, atOnce: overlap.most };
}
