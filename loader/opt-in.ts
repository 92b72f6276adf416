/** Opts the whole program in, evaluated by `aevent/auto`: in everything that it imports from then on. */
import { addToNodeReports } from '../runtime/observing/node-report.js';
import { optInWholeProgram } from '../runtime/tasks/whole-program.js';
import { guardImports } from './evaluate/imported-modules.js';
import { install } from './install.js';
import { keepingNameOfChdir } from './resolve/start-off-thread.js';

keepingNameOfChdir(() => {
  install('auto');
  optInWholeProgram();
  addToNodeReports();
  guardImports();
});
