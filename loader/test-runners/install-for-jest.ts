// Has what Jest requires for its tests from now on be replaced; part of the thread's instance.
import { install } from '../install.js';

install('jest');
