// Is it on? What aevent finds where it runs, what is off and why, and what to change.
import { backendState, startBackend } from '../backend/backend.js';
import { replacementState } from '../backend/setup-listeners.js';
import { builtin } from '../base/builtins.js';
import { messageOf, nameOf, quoted, shown } from '../base/describe.js';
import { flags } from '../base/node-features.js';

const process = builtin<typeof import('node:process')>('process');
const fs = builtin<typeof import('node:fs')>('fs');

/** One thing that {@link doctor} found. */
export interface Finding {
  /** `problem`: aevent does less here than it could. `note`: good to know. */
  readonly level: 'ok' | 'note' | 'problem';
  /** Its subject: `node`, `backend`, `feature`, `replaced`, `hooks`, `limits`. */
  readonly about: string;
  readonly text: string;
  /** The change that is advised. */
  readonly advice?: string;
}

/** A suspended task takes so many memory mappings: a stack's, or a share of what the heap and the slabs of stacks take. */
const OWN_MAPPINGS = 2;
const SHARED_MAPPINGS = 1 / 32;
/** And so much memory, with its pages in the page table. */
const TASK_BYTES = 20 * 1024;
/** Fewer tasks at once are worth a note. */
const MANY_TASKS = 10_000;

/**
 * Looks at Node, the backend (which it starts), the probes, what is replaced, others' hooks and the limits of the system.
 * Never a checkpoint, never throws.
 */
export function doctor(): Finding[] {
  const node: Finding = {
    level: 'ok',
    about: 'node',
    text: `Node ${process.version}, ${process.platform} ${process.arch}`,
  };
  return [node, ...backend(), ...features(), ...replaced(), ...hooks(), ...limits()];
}

function backend(): Finding[] {
  try {
    startBackend();
  } catch (error) {
    return [{ level: 'problem', about: 'backend', text: messageOf(error) }];
  }
  const { backend: name, reason } = backendState();
  if (name === 'native') {
    const advice = reason.endsWith('asks for it')
      ? 'Leave AEVENT_BACKEND=native, or setup({ backend }), out.'
      : 'Nothing can be suspended here. fiber needs Linux with glibc on x64 or arm64; thread works where the addon compiles.';
    return [{ level: 'problem', about: 'backend', text: `native, so every call blocks: ${reason}`, advice }];
  }
  if (name === 'thread' && !reason.endsWith('asks for it')) {
    const advice = 'It is slower than fiber: see the reason.';
    return [{ level: 'note', about: 'backend', text: `thread: ${reason}`, advice }];
  }
  return [{ level: 'ok', about: 'backend', text: `${name}: ${reason}` }];
}

function features(): Finding[] {
  const entries = Object.entries(backendState().features);
  const on = entries.filter(([, state]) => state === 'on').map(([name]) => name);
  const off = entries.filter(([, state]) => state !== 'on');
  return [
    { level: 'ok', about: 'features', text: `on: ${on.join(', ') || 'none'}` },
    ...off.map(
      ([name, state]): Finding => ({ level: 'note', about: 'features', text: `${name}: ${shown(state)}` }),
    ),
  ];
}

function replaced(): Finding[] {
  const state = replacementState();
  const how = 'Start the program with `node --import aevent/register` or `npx aevent`.';
  if (state === undefined || !state.installed || state.replaced.length === 0)
    return [{ level: 'problem', about: 'replaced', text: 'nothing', advice: how }];
  const { door, importedEarlier: earlier } = state;
  const by = door === 'setup' ? 'setup()' : `aevent/${door}`;
  const found: Finding[] = [
    { level: 'ok', about: 'replaced', text: `by ${by}: ${state.replaced.join(', ')}` },
  ];
  if (earlier.length > 0) {
    const text = `imported before aevent, and blocking where it was: ${earlier.join(', ')}`;
    found.push({ level: 'problem', about: 'replaced', text, advice: how });
  }
  return found;
}

/** Lists what a program, an agent or a loader has put in Node's place, as far as it can be seen. */
function hooks(): Finding[] {
  const found: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    if (!/^(--import|--require|-r|--loader|--experimental-loader)\b/.test(flag)) continue;
    const text = flag.includes('=') ? flag : `${flag} ${flags[i + 1] ?? ''}`;
    if (!/aevent|\/loader\/(register|auto|loader)\.js/.test(text)) found.push(text);
  }
  if (Object.hasOwn(process, 'emit')) found.push('process.emit()');
  if (
    typeof Error.prepareStackTrace === 'function' &&
    nameOf(Error.prepareStackTrace) !== 'ErrorPrepareStackTrace'
  )
    found.push('Error.prepareStackTrace()');
  if (found.length === 0) return [{ level: 'ok', about: 'hooks', text: "none of others' found" }];
  return [{ level: 'note', about: 'hooks', text: found.map((text) => shown(text)).join(', ') }];
}

function limits(): Finding[] {
  const found: Finding[] = [];
  const maps = Number(read('/proc/sys/vm/max_map_count'));
  if (maps > 0) {
    const used = (read('/proc/self/maps').match(/\n/g) ?? []).length;
    const each = backendState().features.sharedMappings === 'on' ? SHARED_MAPPINGS : OWN_MAPPINGS;
    const byMappings = Math.floor((maps - used) / each);
    const byMemory = Math.floor(availableMemory() / TASK_BYTES);
    const most = Math.min(byMappings, byMemory);
    const limit = most === byMemory ? 'of free memory' : `vm.max_map_count is ${maps}`;
    found.push({
      level: most < MANY_TASKS ? 'note' : 'ok',
      about: 'limits',
      text: `some ${most} tasks can be suspended at once (${limit})`,
      ...(most < MANY_TASKS && most < byMemory && { advice: 'For more: sysctl -w vm.max_map_count=262144' }),
    });
  }
  const limited = read('/proc/self/limits');
  const space = /^Max address space\s+(\S+)/m.exec(limited)?.[1];
  if (space !== undefined && space !== 'unlimited') {
    const text = `ulimit -v is ${Math.round(Number(space) / 1024)} KiB, and each suspended task takes 1.2 MB of it`;
    found.push({ level: 'note', about: 'limits', text, advice: 'Leave it unlimited.' });
  }
  if (backendState().backend === 'thread') {
    const threads = /^Max processes\s+(\S+)/m.exec(limited)?.[1];
    const pids = read('/sys/fs/cgroup/pids.max').trim();
    const text = `a thread for each suspended task: ulimit -u is ${threads ?? 'unknown'}, pids.max ${pids || 'unknown'}`;
    found.push({ level: 'note', about: 'limits', text });
  }
  const size = process.env.UV_THREADPOOL_SIZE;
  found.push({
    level: size === undefined ? 'note' : 'ok',
    about: 'limits',
    text: `${size === undefined ? 4 : /^\d{1,4}$/.test(size) ? size : quoted(size)} calls of fs, dns, crypto and zlib run at a time`,
    ...(size === undefined && {
      advice: 'If tasks queue for them (aevent.metrics().pool): UV_THREADPOOL_SIZE=16',
    }),
  });
  return found;
}

/** In bytes; in a cgroup what that leaves. Node 20 tells since 20.13. */
function availableMemory(): number {
  return typeof process.availableMemory === 'function' ? process.availableMemory() : Infinity;
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The findings for people. */
export function formatFindings(findings: readonly Finding[], colors: boolean): string {
  const marks = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' };
  const codes = { ok: 32, note: 33, problem: 31 };
  const lines = findings.map(({ level, about, text, advice }) => {
    const mark = colors ? `\x1b[${codes[level]}m${marks[level]}\x1b[0m` : marks[level];
    return `${mark}  ${about}: ${text}${advice === undefined ? '' : `\n         → ${advice}`}\n`;
  });
  return lines.join('');
}
