// What sections of the page are made of: tables, bars, tiles.

import { type Html, markup, type Piece } from "./markup.js";

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. @default false */
  readonly isNumber?: boolean;
}

export function table(columns: readonly Column[], rows: readonly (readonly Piece[])[]): Html {
  const classOf = (position: number) => (columns[position]?.isNumber ? markup` class="number"` : "");
  return markup`<div class="wide">
    <table>
      <thead>
        <tr>
          ${columns.map(({ title }, position) => markup`<th${classOf(position)}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            markup`<tr>
              ${cells.map((cell, position) => markup`<td${classOf(position)}>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

export function section(id: string, title: string, ...content: readonly Piece[]): Html {
  return markup`<section id="${id}">
    <h2>${title}</h2>
    ${content}
  </section> `;
}

/** A bar for a part of a whole; it says the same as the number beside it. */
export function bar(part: number, whole: number): Html {
  const width = whole === 0 ? 0 : Math.max(part > 0 ? 0.5 : 0, (100 * part) / whole);
  return markup`<span class="bar" aria-hidden="true"><span style="width:${width.toFixed(2)}%"></span></span>`;
}

export function tile(label: string, value: string, note?: string): Html {
  return markup`<div class="tile">
    <dt>${label}</dt>
    <dd>${value}${note !== undefined && markup`<small>${note}</small>`}</dd>
  </div>`;
}

/** A path of the image. */
export function path(text: string): Html {
  return markup`<code class="path">/${text}</code>`;
}

export function note(...content: readonly Piece[]): Html {
  return markup`<p class="note">${content}</p>`;
}
