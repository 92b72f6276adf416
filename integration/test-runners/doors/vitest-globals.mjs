// The shared tests by way of vitest's globals.
import childProcess from 'node:child_process';
import timers from 'node:timers';
import aevent from 'aevent';
import tests from './tests.cjs';

tests.register({ test, describe, beforeAll, beforeEach, afterEach }, { aevent, childProcess, timers });
