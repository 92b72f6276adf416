// What aevent notes of code that does not suspend is no resource of async hooks: a program and its agents see their own.
import { testAsPlainly } from './as-plainly.js';

await testAsPlainly('async hooks see as many resources as in plain Node', [['async-resources.mjs']]);
