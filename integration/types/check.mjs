// Type-checks consumer.ts against an installed aevent, all declarations included: with every TypeScript and @types/node
// that a program may have. Called by ../package/check.mjs
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { install } from '../support/install.mjs';

const run = promisify(execFile);
const here = import.meta.dirname;
const installed = (name) => join(here, 'node_modules', name);

const NODES = [20, 22, 24, 26];
const MODULES = [['nodenext'], ['node16'], ['esnext', '--moduleResolution', 'bundler']];
/**
 * Each compiler, and what it is run with. The first that is supported and the newest see every @types/node; between them
 * nothing has been seen to differ, so the two others see one old and one new. --all: everything.
 */
const COMPILERS = [
  ['5.6', NODES],
  ['5.9', [24]],
  ['6', [22]],
  ['7', NODES],
];

const configurations = (all) =>
  COMPILERS.flatMap(([compiler, nodes]) =>
    (all ? NODES : nodes).flatMap((node) => {
      const modules = all ? MODULES : [MODULES[(NODES.indexOf(node) + compiler.length) % MODULES.length]];
      return modules.map((module) => ({ compiler, node, module }));
    }),
  );

/** A project with one copy of @types/node, as most have. */
function makeProject(parent, node) {
  const project = join(parent, `types-${node}`);
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  symlinkSync(installed(`@types/node-${node}`), join(project, 'node_modules/@types/node'));
  symlinkSync(join(parent, 'node_modules/aevent'), join(project, 'node_modules/aevent'));
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  copyFileSync(join(here, 'tsconfig.json'), join(project, 'tsconfig.json'));
  const consumer = readFileSync(join(here, 'consumer.ts'), 'utf8');
  writeFileSync(join(project, 'consumer.ts'), consumer);
  writeFileSync(join(project, 'bare.ts'), consumer.replaceAll("from 'node:", "from '"));
  return project;
}

async function compile({ compiler, node, module: [kind, ...rest] }, project) {
  const tsc = installed(`typescript-${compiler}/bin/tsc`);
  try {
    await run(process.execPath, [tsc, '-p', project, '--module', kind, ...rest]);
  } catch ({ stdout, message }) {
    const where = `TypeScript ${compiler}, @types/node ${node}, module ${kind}`;
    throw new Error(`${where}:\n${(stdout || message).split('\n').slice(0, 20).join('\n')}`);
  }
}

/**
 * @param parent - a folder whose node_modules holds aevent
 * @param all - every compiler with every @types/node and kind of module
 * @throws with the compiler's output if it finds anything
 */
export async function checkTypes(parent, all = false) {
  install(here);
  const projects = new Map(NODES.map((node) => [node, makeProject(parent, node)]));
  const left = configurations(all);
  const work = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop())
      await compile(next, projects.get(next.node));
  };
  await Promise.all([work(), work()]);
}

/** Looks up each entry of a tarball as the compilers and bundlers do. @throws with what is wrong */
export async function checkEntries(tarball) {
  install(here);
  // ES modules only: a second build for require() would be a second runtime, and Node requires ES modules. Nor is anything
  // found by folders (`moduleResolution: node10`), as TypeScript did before package.json had `exports`.
  const attw = installed('@arethetypeswrong/cli/dist/index.js');
  await run(process.execPath, [attw, tarball, '--profile', 'esm-only', '--no-color']);
}
