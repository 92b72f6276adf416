// Shared by the parts of the report's page. Each function is put into the page as text, under its own name
// (page.ts): it may use what else is put there, and nothing of its module. The browser's types are declared as far as they are
// used. Text of the program only becomes text of nodes, never HTML.

/** Draws on a canvas. */
export interface Pen {
  fillStyle: string;
  font: string;
  scale(x: number, y: number): void;
  clearRect(x: number, y: number, width: number, height: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number, most?: number): void;
}

/** An event of the mouse or the wheel. */
export interface Pointer {
  offsetX: number;
  offsetY: number;
  deltaY: number;
  buttons: number;
  movementX: number;
  movementY: number;
  preventDefault(): void;
}

/** A node of the page. */
export interface Element {
  textContent: string | null;
  className: string;
  value: string;
  placeholder: string;
  width: number;
  height: number;
  readonly clientWidth: number;
  readonly style: { height: string };
  readonly dataset: Record<string, string>;
  append(...nodes: (Element | string)[]): void;
  addEventListener(name: string, heard: (event: Pointer) => void, options?: { passive: boolean }): void;
  getContext(kind: '2d'): Pen;
}

declare const document: {
  createElement(tag: string): Element;
  getElementById(id: string): Element | null;
};
declare const window: {
  readonly devicePixelRatio: number;
  addEventListener(name: string, heard: () => void): void;
};

/** A canvas, and what draws it: once it is in the page, and whenever the window's size changes. */
export interface Chart {
  readonly canvas: Element;
  redraw(): void;
}

/** Draws on a canvas of that size. */
export type Draw = (pen: Pen, width: number, height: number) => void;

/** Makes an element. */
export function make(tag: string, className: string, ...inside: (Element | string)[]): Element {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...inside);
  return element;
}

/** Puts a section at the end of the page. */
export function section(title: string, about: string, ...inside: (Element | Chart)[]): void {
  const main = document.getElementById('main') as Element;
  main.append(make('h2', '', title), make('p', 'about', about));
  for (const one of inside) main.append('canvas' in one ? one.canvas : one);
  for (const one of inside) if ('canvas' in one) one.redraw();
}

/** Makes a table; all columns but the first are of numbers. */
export function table(heads: string[], rows: (Element | string)[][]): Element {
  const cell = (tag: string) => (inside: Element | string, i: number) =>
    make(tag, i > 0 ? 'value' : '', inside);
  const made = make('table', '', make('tr', '', ...heads.map(cell('th'))));
  made.append(...rows.map((row) => make('tr', 'row', ...row.map(cell('td')))));
  return made;
}

/** Makes a canvas as wide as the page. */
export function chart(height: number, draw: Draw): Chart {
  const canvas = make('canvas', '');
  const redraw = (): void => {
    const scale = window.devicePixelRatio;
    const width = canvas.clientWidth;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext('2d');
    pen.scale(scale, scale);
    pen.clearRect(0, 0, width, height);
    pen.font = '11px sans-serif';
    draw(pen, width, height);
  };
  canvas.style.height = `${height}px`;
  window.addEventListener('resize', redraw);
  return { canvas, redraw };
}

/** Writes into a chart. */
export function write(pen: Pen, color: string, label: string, x: number, y: number, most?: number): void {
  pen.fillStyle = color;
  pen.fillText(label, x, y, most);
}

/** A time for people. */
export function time(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 100 ? `${Math.round(ms)} ms` : `${Math.round(ms * 10) / 10} ms`;
}
