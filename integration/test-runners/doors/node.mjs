// The shared tests by way of aevent/node-test.
import childProcess from 'node:child_process';
import timers from 'node:timers';
import aevent from 'aevent';
import { afterEach, before as beforeAll, beforeEach, describe, test } from 'aevent/node-test';
import tests from './tests.cjs';

tests.register({ test, describe, beforeAll, beforeEach, afterEach }, { aevent, childProcess, timers });
