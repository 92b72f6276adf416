// The Worker of synckit's contender.
import { runAsWorker } from 'synckit';

runAsWorker(async (value) => value);
