// Prints what a child said, and whether the event loop turned meanwhile.
import { execSync } from 'node:child_process';
import aevent from 'aevent';
import { Lock } from 'aevent/threading';

let turned = false;
aevent
  .run(() => {
    const lock = new Lock();
    lock.acquire();
    setImmediate(() => {
      turned = true;
    });
    const said = execSync('sleep 0.05; echo hi', { encoding: 'utf8' });
    lock.release();
    return said;
  })
  .then((said) => console.log(said.trim(), turned));
