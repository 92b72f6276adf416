// Waits in a task for what cannot happen.
require('deasync').loopWhile(() => true);
