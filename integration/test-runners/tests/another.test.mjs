// The shared checks in a second file, which runs in another process, thread or context.
import childProcess from 'node:child_process';
import aevent from 'aevent';
import * as threading from 'aevent/threading';
import checks from '../checks.cjs';

for (const [title, check] of Object.entries(checks.checksOf({ aevent, childProcess, threading }))) {
  test(title, aevent.wrap(check));
}
