// `aevent report` from outside: what it leaves is read back, and opened in Chromium where there is one.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, chromium } from './chromium.js';

const dir = mkdtempSync(join(tmpdir(), 'aevent-report-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const cli = resolve(import.meta.dirname, '../../dist/loader/cli.js');
const output = join(dir, 'it.html');

const PROGRAM = `
import { execSync } from 'node:child_process';
import { sleepSync } from 'node:timers';
import timers from 'node:timers';
const hostile = '</script><script>document.body.dataset.hacked = "yes"</script><!--\\u0000\\u2028';
console.log('args', ...process.argv.slice(2));
timers.setTimeout(Object.defineProperty(() => sleepSync(20), 'name', { value: hostile }), 1);
// A machine that stands still meanwhile takes nothing of it.
function computes() {
  let sum = 0;
  let last = performance.now();
  for (let leftMs = 150; leftMs > 0; sum += Math.sqrt(sum + 1)) {
    const now = performance.now();
    leftMs -= Math.min(now - last, 1);
    last = now;
  }
  return sum;
}
await new Promise((done) => timers.setTimeout(done, 30));
computes();
// In a turn of its own: of one turn the longest is named.
await new Promise((done) => timers.setTimeout(done, 1));
execSync('sleep 0.2');
`;
const SERVER = `
import { createServer } from 'node:http';
createServer((_, response) => response.end()).listen(0);
setTimeout(() => console.log('serving'), 500);
`;

interface Ended {
  stdout: string;
  stderr: string;
  code: number | null;
}

function aevent(args: string[], onOutput?: (kill: () => void) => void): Promise<Ended> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [cli, ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended: Ended = { stdout: '', stderr: '', code: null };
  child.stdout.on('data', (data) => {
    ended.stdout += data;
    onOutput?.(() => child.kill('SIGINT'));
  });
  child.stderr.on('data', (data) => {
    ended.stderr += data;
  });
  return new Promise((done) => child.on('close', (code) => done({ ...ended, code })));
}

interface Run {
  title: string;
  ended: string;
  longestGapMs: number;
  calls: { name: string; count: number; blocks: boolean }[];
  places: { name: string; place: string; stack: string; why: string }[];
  names: string[];
  lanes: { name: string }[];
  memory: unknown[];
  info: { backend: string; replaced: string[] };
}

function dataOf(file: string): { program: string; runs: Run[] } {
  const html = readFileSync(file, 'utf8');
  expect(html).not.toMatch(/https?:\/\/|<link|src=/);
  return JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? '');
}

beforeAll(() => {
  writeFileSync(join(dir, 'app.mjs'), PROGRAM);
  writeFileSync(join(dir, 'server.mjs'), SERVER);
});

describe('aevent report', () => {
  it('runs a program without aevent and with it, and shows both', async () => {
    const ran = await aevent(['report', '--native', '--output', output, 'app.mjs', 'one', '--two']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toBe('args one --two\nargs one --two\n');
    expect(ran.stderr).toMatch(/running it without aevent\n.*running it with aevent\n.*open .*it\.html\n$/s);
    const { program, runs } = dataOf(output);
    expect(program).toBe('app.mjs one --two');
    const [ours, native] = runs as [Run, Run];
    expect([ours.title, native.title, ours.ended]).toEqual(['with aevent', 'without aevent', 'code 0']);
    expect(native.info.backend).toBe('native');
    expect(native.longestGapMs).toBeGreaterThan(200);
    const names = ({ places }: Run): string[] => places.map(({ place }) => place.split(' ')[0] ?? '');
    // A loop may be compiled so that it answers no interrupt: then the place that it returns to is named.
    expect(names(ours).some((name) => name !== 'Node')).toBe(true);
    expect(native.places.map(({ name }) => name)).toContain('child_process.execSync');
    expect(ours.calls.find(({ name }) => name === 'child process')).toMatchObject({ blocks: true });
    expect(native.calls).toEqual([]);
    expect(ours.memory.length).toBeGreaterThan(0);
    expect(ours.info.replaced).toContain('fs');
  });

  describe.skipIf(chromium === undefined)('in a browser', () => {
    let browser: Browser;
    const shown = 'document.body?.dataset.shown === "yes"';
    const url = (hash = ''): string => `${pathToFileURL(output)}${hash}`;
    beforeAll(async () => {
      browser = await Browser.start(join(dir, 'chromium'));
    });
    afterAll(() => browser.close());

    /** What the timeline shows: from and to in milliseconds, the first line, and how many there are. */
    const board = async (): Promise<Record<'from' | 'to' | 'top' | 'lanes', number>> => {
      const data = await browser.evaluate<Record<string, string>>(
        '({ ...document.querySelector("canvas[data-lanes]").dataset })',
      );
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Number(value)])) as never;
    };

    it('it opens without errors, is searched by its address, and runs nothing of the program', async () => {
      await browser.open(url(), shown);
      const body = await browser.evaluate<object>('({ ...document.body.dataset })');
      expect(body).toEqual({ shown: 'yes' });
      expect((await board()).lanes).toBeGreaterThan(2);
      const headings = await browser.evaluate<number>('document.querySelectorAll("h2").length');
      expect(headings).toBe(8); // what blocked: of each run
      await browser.open(url('#find=sleepSync&from=10&to=60'), shown);
      expect(await board()).toEqual({ from: 10, to: 60, top: 0, lanes: 1 });
    });

    it('the wheel zooms around the pointer, and dragging moves', async () => {
      await browser.open(url('#from=0&to=100'), shown);
      const place = `(() => {
        const canvas = document.querySelector('canvas[data-lanes]');
        canvas.scrollIntoView({ block: 'center' });
        const { left, top, width } = canvas.getBoundingClientRect();
        return { left, top, width };
      })()`;
      const { left, top, width } = await browser.evaluate<Record<'left' | 'top' | 'width', number>>(place);
      const [x, y] = [Math.round(left + 170 + (width - 170) / 2), Math.round(top + 60)];
      const before = await board();
      const middle = (before.from + before.to) / 2;
      await browser.mouse('mouseWheel', x, y, { deltaX: 0, deltaY: -100 });
      const zoomed = await board();
      expect(zoomed.to - zoomed.from).toBeCloseTo(0.8 * (before.to - before.from), 1);
      expect((zoomed.from + zoomed.to) / 2).toBeCloseTo(middle, 0);
      await browser.mouse('mouseWheel', x, y, { deltaX: 0, deltaY: 100 });
      expect((await board()).to - (await board()).from).toBeCloseTo(before.to - before.from, 1);

      const start = await board();
      await browser.mouse('mousePressed', x, y, { button: 'left', buttons: 1, clickCount: 1 });
      for (const step of [40, 80])
        await browser.mouse('mouseMoved', x - step, y, { button: 'left', buttons: 1 });
      await browser.mouse('mouseReleased', x - 80, y, { button: 'left' });
      const moved = await board();
      expect(moved.to - moved.from).toBeCloseTo(start.to - start.from, 1);
      expect(moved.from).toBeGreaterThan(start.from);
      // No button is pressed any more.
      await browser.mouse('mouseMoved', x, y);
      expect(await board()).toEqual(moved);
      expect(await browser.evaluate<string>('document.querySelector(".tip").textContent')).not.toBe('');
    });

    it('its field and buttons search and zoom', async () => {
      await browser.open(url(), shown);
      const whole = await board();
      await browser.evaluate(`document.querySelectorAll('.bar button')[0].click()`);
      const zoomed = await board();
      expect(zoomed.to - zoomed.from).toBeLessThan(whole.to - whole.from);
      await browser.evaluate(`(() => {
        const field = document.querySelector('.bar input');
        field.value = 'no such task';
        field.dispatchEvent(new Event('input'));
      })()`);
      expect((await board()).lanes).toBe(0);
    });
  });

  it('of a server ends by Ctrl-C, or after --seconds', async () => {
    const file = join(dir, 'server.html');
    const stopped = await aevent(['report', '--output', file, 'server.mjs'], (kill) => kill());
    expect(stopped.code).toBe(0);
    expect(dataOf(file).runs[0]?.ended).toBe('SIGINT');
    rmSync(file);
    expect((await aevent(['report', '--seconds=1', '--output', file, 'server.mjs'])).code).toBe(0);
    expect(dataOf(file).runs[0]?.ended).toBe('SIGINT');
  });

  it('tells how it is called', async () => {
    const wrong = [['report'], ['report', '--seconds', 'x', 'app.mjs'], ['report', '--output']];
    for (const args of wrong) {
      const { code, stderr } = await aevent(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^aevent report: [^\n]+\.\n\nUsage: aevent report /);
    }
    expect((await aevent(['report', '--help'])).stdout).toMatch(/^Usage: aevent report /);
    const nowhere = await aevent(['report', '--output', join(dir, 'none/it.html'), 'app.mjs']);
    // The program has not run.
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    expect(nowhere.stderr).toMatch(/^aevent report: ENOENT: .*--output\.\n$/);
    const missing = await aevent(['report', '--output', join(dir, 'no.html'), 'missing.mjs']);
    expect(missing.stderr).toMatch(/Cannot find module/);
    expect(missing.code).toBe(0);
  });
});
