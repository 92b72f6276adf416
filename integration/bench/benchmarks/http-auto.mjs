// An http server under aevent/auto whose handler never suspends.
import { underAuto } from '../lab.mjs';

/** The same server, whose handler never suspends, with all its callbacks in tasks and without aevent. */
export const measure = (lab) => underAuto(lab, 'hello world', 'hello-server.mjs', 95);
