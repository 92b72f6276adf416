// Each relative link of each document leads to a file that is there, and to a heading or anchor in it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { documents, root } from './programs.js';

/** The anchor that a heading gets where Markdown is rendered. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

function anchors(path: string): string[] {
  const text = readFileSync(path, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading as string));
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id as string)];
}

function brokenLinks(path: string): string[] {
  const text = readFileSync(path, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => {
      const [file, anchor] = link.split('#');
      let target = file === '' ? path : resolve(dirname(path), file as string);
      if (existsSync(target) && statSync(target).isDirectory() && anchor !== undefined)
        target = join(target, 'README.md');
      return !existsSync(target) || (anchor !== undefined && !anchors(target).includes(anchor));
    });
}

it.each(documents().map((path) => [relative(root, path), path]))('%s has no broken link', (_, path) => {
  expect(brokenLinks(path as string)).toEqual([]);
});
