// Runs each program of each document as a reader would, and compares what it prints with what the document says.
// Programs that need packages from npm other than this repository's tools run where AEVENT_DOCUMENT_MODULES names a
// node_modules directory with them, and no others do: integration/ecosystem/ sets it.
import { describe, expect, it } from 'vitest';
import { printsAsDocumented, programs } from './programs.js';
import { runProgram } from './run-program.js';

const major = Number(process.versions.node.split('.')[0]);
const all = programs();
const modules = process.env.AEVENT_DOCUMENT_MODULES;
const here = all.filter(
  ({ isSelfContained, node }) => isSelfContained === (modules === undefined) && node <= major,
);

describe('the programs of the documents', () => {
  it('are found', () => {
    expect(all.length).toBeGreaterThan(40);
  });

  it.concurrent.each(here.map((program) => [`${program.place} ${program.command}`, program] as const))(
    '%s',
    async (_, program) => {
      const { printed, code } = await runProgram(program, modules);
      if (program.output === undefined) expect(`exit code ${code}\n${printed}`).toMatch(/^exit code 0\n/);
      else if (!printsAsDocumented(printed, program.output)) expect(printed).toBe(program.output);
    },
  );
});

describe('comparing what a program prints', () => {
  it('takes any number for one that is measured, and no other', () => {
    expect(printsAsDocumented('took 612 ms\n', 'took 560 ms\n')).toBe(true);
    expect(printsAsDocumented('took 612 rows\n', 'took 560 rows\n')).toBe(false);
  });

  it('lets … stand for anything within a line, and alone for any lines', () => {
    expect(printsAsDocumented('at one\nat two\n', 'at …\nat two\n')).toBe(true);
    expect(printsAsDocumented('at one\nat two\nat three\n', 'at …\nat two\n')).toBe(false);
    expect(printsAsDocumented('at one\nat two\nat three\n', '…\nat three\n')).toBe(true);
    expect(printsAsDocumented('at one\nat two\nat four\n', '…\nat three\n')).toBe(false);
  });
});
