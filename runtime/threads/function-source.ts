// The source of a function that is to run in another thread, where nothing that surrounds it here exists. V8 tells which names
// it takes from there: the source is compiled once more, in a function that has every word of it as a parameter; those that it
// uses are then kept in its closure, and the inspector lists them.
import { builtin } from '../base/builtins.js';
import { namesInClosure } from '../base/closure-variable.js';
import { nameOf } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import { filter, includes, join } from '../base/primordials.js';

const vm = builtin<typeof import('node:vm')>('vm');

type AnyFunction = (...args: never[]) => unknown;

const { toString: sourceText } = Function.prototype;
const checked = new Map<string, string>();
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;
const RESERVED =
  /^(?:arguments|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/;
/** Variables that CommonJS code finds around it; a thread evaluates the source elsewhere. */
const OF_MODULES = ['require', 'module', 'exports', '__filename', '__dirname'];

/**
 * An expression whose value is `fn`, anywhere.
 * @throws TypeError `AEVENT_FREE_VARIABLES`, naming them; `AEVENT_NO_SOURCE` for a function that has no source
 */
export function sourceOf(fn: AnyFunction): string {
  const text: string = Reflect.apply(sourceText, fn, []);
  const known = checked.get(text);
  if (known !== undefined) return known;
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) throw noSource(fn, 'it is native, or bound');
  const source = expressionOf(text);
  if (source === undefined) throw noSource(fn, 'its source does not stand for itself (a class member, say)');
  const free = freeVariables(text, source);
  if (free.length > 0) {
    throw invalidArgument(
      'AEVENT_FREE_VARIABLES',
      `toThread(${nameOf(fn)}): the function uses ${join(free, ', ')}, which it has from its surroundings: they are not in ` +
        'the other thread. Pass such values as arguments, import() modules inside, or give a specifier and an export.',
    );
  }
  checked.set(text, source);
  return source;
}

/** A method is an expression only as part of an object. */
function expressionOf(text: string): string | undefined {
  if (compiles(`(${text})`)) return `(${text})`;
  const asMethod = `Object.values({${text}})[0]`;
  return compiles(asMethod) ? asMethod : undefined;
}

function compiles(source: string): boolean {
  try {
    new vm.Script(`'use strict'; ${source}`);
    return true;
  } catch {
    return false;
  }
}

function freeVariables(text: string, source: string): string[] {
  const words = [...new Set(text.match(WORD) ?? [])].filter((word) => !RESERVED.test(word));
  let copy: AnyFunction;
  try {
    copy = vm.runInThisContext(`(function (${words.join(', ')}) { 'use strict'; return ${source}; })()`);
  } catch {
    return []; // a word that is no name where it stands; the thread says what is missing
  }
  try {
    const used = namesInClosure(copy);
    const isFree = (name: string): boolean => !(name in globalThis) || includes(OF_MODULES, name);
    return filter(used, (name) => includes(words, name) && isFree(name));
  } catch {
    return []; // the permission model refuses the inspector
  }
}

function noSource(fn: AnyFunction, why: string): TypeError {
  return invalidArgument(
    'AEVENT_NO_SOURCE',
    `toThread(${nameOf(fn)}): the function cannot be sent to another thread: ${why}. Give a specifier and an export.`,
  );
}
