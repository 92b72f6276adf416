// Row: pages that compute, sliced, beside a heartbeat.
import Handlebars from 'handlebars';
import { Marked } from 'marked';

const PAGES = 10;
const SECTIONS = 1200;
const ITEMS = 4;
const WARM_UPS = 30;
const SLICE_MS = 5;

export const row = {
  packages: ['marked', 'handlebars'],
  what: `Markdown and a template × ${PAGES}, sliced each ${SLICE_MS} ms`,
  expected: Array.from(
    { length: PAGES },
    (_, page) => `page ${page}: ${SECTIONS} headings, ${SECTIONS * ITEMS} items`,
  ),
  atOnce: PAGES,
  isSliced: true,
  // Natively all of the time. Nine of ten gaps are two slices at most, since a beat that falls due just after a slice has begun
  // waits for its end, and what the loop does between them: 12 to 13 ms here, more on a slower machine. The longest have a
  // collection, whose threads wait for processors, too, where the machine is busy. That this thread waits for one is taken off both.
  maxUsualGapMs: 4 * SLICE_MS,
  maxGapMs: 30 * SLICE_MS,
  maxTimesNative: 1.5,
  repeat: 3,
};

const template = Handlebars.compile(
  `# Page {{page}}
{{#each sections}}

## Section {{this.number}} of *{{../page}}*

Some **bold** text with a [link](https://example.com/{{this.number}}) and \`code\`, in two
lines, and <{{this.address}}>.

{{#each this.items}}
- item {{this}} of _{{../number}}_
{{/each}}
{{/each}}
`,
  { noEscape: true },
);

function render(page, count = SECTIONS) {
  const sections = Array.from({ length: count }, (_, number) => ({
    number,
    address: `https://example.com/${page}/${number}`,
    items: Array.from({ length: ITEMS }, (_, item) => item),
  }));
  const html = new Marked().parse(template({ page, sections }));
  const found = (tag) => html.split(`<${tag}`).length - 1;
  return `page ${/Page (\d+)/.exec(html)?.[1]}: ${found('h2')} headings, ${found('li')} items`;
}

// Handlebars compiles a template when it is first used, by a parser that all share: that is to be done alone. V8 compiles what
// is called often, and can slice less before it has.
export const prepare = async () => {
  for (let i = 0; i < WARM_UPS; i++) render(i, SECTIONS / 10);
};

export async function run({ together, sliced }) {
  const begun = new Set();
  let most = 0;
  const results = await together(PAGES, (page) => {
    begun.add(page);
    most = Math.max(most, begun.size);
    const text = sliced(SLICE_MS, () => render(page));
    begun.delete(page);
    return text;
  });
  return { results, atOnce: most };
}
