// runtime/ and monkey/ must work on the real builtins, captured before anything is patched: they take them from
// runtime/builtins.ts. An import would see the patched ones. Types are free, and so is a facade's `export * from`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const FROM_BUILTIN =
  /^(?:import|export)\b(?!\s+type\b)(?!\s*\*\s*from)([^;]*?)\bfrom\s*['"]node:[^'"]+['"]/gm;
const isTypesOnly = (clause) => {
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(',');
  return names?.every((name) => name.trim() === '' || /^\s*type\s/.test(name)) ?? false;
};

const offences = ['runtime', 'monkey'].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(root, room, name), 'utf8');
      return [...text.matchAll(FROM_BUILTIN)]
        .filter(([, clause]) => !isTypesOnly(clause))
        .map(
          ({ 0: statement, index }) =>
            `${room}/${name}:${text.slice(0, index).split('\n').length}: ${statement}`,
        );
    }),
);

for (const offence of offences) console.error(`${offence}\n  take it from builtin() in runtime/builtins.ts`);
process.exitCode = offences.length > 0 ? 1 : 0;
