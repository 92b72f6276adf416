// The shared checks in an ES module.
import childProcess from 'node:child_process';
import aevent from 'aevent';
import * as threading from 'aevent/threading';
import checks from '../checks.cjs';

for (const [title, check] of Object.entries(checks.checksOf({ aevent, childProcess, threading }))) {
  test(title, aevent.wrap(check));
}
