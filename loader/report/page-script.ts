// The code of the report's page in the browser, and the functions that it takes. See page-kit.ts.
import { chart, type Element, make, section, table, time, write } from './page-kit.js';
import { showCalls, showGaps, showMemory, showPlaces, showReplaced, showSums } from './page-sections.js';
import { showTimeline } from './page-timeline.js';
import type { Run } from './read-trace.js';

declare const document: { readonly body: Element; getElementById(id: string): Element | null };
declare const window: {
  readonly location: { readonly hash: string };
  addEventListener(name: string, heard: (event: { message?: string }) => void): void;
};

/** The data in the page. */
export interface ReportData {
  readonly program: string;
  readonly node: string;
  /** The one with aevent first. */
  readonly runs: readonly Run[];
}

/** Fills the page. `#find=text` and `#from=ms&to=ms` in the URL search and zoom. */
function show(): void {
  const errors: string[] = [];
  window.addEventListener('error', ({ message }) => {
    errors.push(String(message));
    document.body.dataset.errors = errors.join('\n');
  });
  const { program, node, runs } = JSON.parse(
    document.getElementById('data')?.textContent ?? '',
  ) as ReportData;
  const [run] = runs as [Run];
  const words = window.location.hash.slice(1).split('&');
  const asked = new Map(words.map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]));
  (document.getElementById('title') as Element).textContent = program;
  showSums(node, runs);
  showGaps(runs);
  for (const one of runs) showPlaces(one);
  showCalls(run);
  showTimeline(run, asked);
  showMemory(run);
  showReplaced(run);
  document.body.dataset.shown = 'yes';
}

const functions = [
  ...[make, section, table, chart, write, time],
  ...[showSums, showGaps, showPlaces, showCalls, showTimeline, showMemory, showReplaced],
];

/** The page's script. */
export const pageScript: string = `${[...functions, show].join('\n')}\nshow();`;
