// Pieces of HTML in which no text of an image can be anything but text.
// https://html.spec.whatwg.org/multipage/syntax.html#text

import { printableName } from "../printable.js";

/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Html | string | number | readonly Piece[] | undefined | false;

/**
 * Whatever is put in is escaped, but for what `markup` itself made. Lists are joined; undefined and false are nothing. How the
 * source is indented does not show.
 */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const texts = strings.map((text) => text.replace(/\n\s*/g, "\n"));
  return new Html(texts.map((text, position) => text + show(pieces[position])).join(""));
}

function show(piece: Piece): string {
  if (piece === undefined || piece === false) return "";
  if (piece instanceof Html) return piece.text;
  if (typeof piece === "object") return piece.map(show).join("");
  return typeof piece === "number" ? String(piece) : escape(printableName(piece));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (one) => ENTITIES[one]!);
}
