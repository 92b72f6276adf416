// The shared tests by way of aevent/vitest.
import childProcess from 'node:child_process';
import timers from 'node:timers';
import aevent from 'aevent';
import { afterEach, beforeAll, beforeEach, describe, test } from 'aevent/vitest';
import tests from './tests.cjs';

tests.register({ test, describe, beforeAll, beforeEach, afterEach }, { aevent, childProcess, timers });
