const childProcess = require('node:child_process');
const aevent = require('aevent');
const threading = require('aevent/threading');
const { checksOf } = require('../checks.cjs');

for (const [title, check] of Object.entries(checksOf({ aevent, childProcess, threading }))) {
  test(title, aevent.wrap(check));
}
