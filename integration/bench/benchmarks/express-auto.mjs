// An Express route under aevent/auto whose handler never suspends.
import { underAuto } from '../lab.mjs';

/** A JSON route of Express, with all its callbacks in tasks and without aevent. */
export const measure = (lab) => underAuto(lab, 'Express JSON route', 'express-server.mjs', 98);
