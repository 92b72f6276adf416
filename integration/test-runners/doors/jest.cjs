const childProcess = require('node:child_process');
const timers = require('node:timers');
const aevent = require('aevent');
const tests = require('./tests.cjs');

tests.register(
  { test, describe, beforeAll, beforeEach, afterEach, timeoutIsLast: true },
  { aevent, childProcess, timers },
);
