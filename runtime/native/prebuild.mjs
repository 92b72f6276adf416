// Builds what `npm pack` ships: the TypeScript, and the native core for every supported Node on this platform.
import { NODE_MAJORS } from '../../integration/node-versions.mjs';
import { buildNativeCores, buildTypeScript, installDependencies } from '../../integration/setup.mjs';

try {
  installDependencies();
  buildTypeScript();
  await buildNativeCores(NODE_MAJORS);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
