/** The program that `aevent doctor` runs. */
import { doctor, formatFindings } from '../../runtime/observing/doctor.js';

const findings = doctor();
const text = process.argv.includes('--json')
  ? `${JSON.stringify(findings, null, 2)}\n`
  : formatFindings(findings, process.stdout.isTTY);
process.stdout.write(text);
if (findings.some(({ level }) => level === 'problem')) process.exitCode = 1;
