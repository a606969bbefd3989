# One record of comma-separated values, as RUN --mount has it: type=bind,"source=a,b". https://www.rfc-editor.org/rfc/rfc4180

@preprocessor typescript

@{%
import { csvLexer } from "./csv-lexer.js";
import type { Token } from "moo";

/** Where a piece of a field stands. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** A list that shares all but its last item with the list that it was made from: copies would cost the square of the length. */
export interface Chain<T> {
  readonly before: Chain<T> | undefined;
  readonly item: T;
}

const piece = ({ offset, text }: Token): Piece => ({ start: offset, end: offset + text.length });
const quote = ({ offset }: Token): Piece => ({ start: offset, end: offset + 1 });
const append = <T>(before: Chain<T> | undefined, item: T): Chain<T> => ({ before, item });
%}

@lexer csvLexer

record -> field                {% ([field]) => append(undefined, field) %}
        | record %comma field  {% ([list, , field]) => append(list, field) %}

field -> null                  {% () => undefined %}
       | %text                 {% ([text]) => append(undefined, piece(text)) %}
       | %open quoted %close   {% ([, pieces]) => pieces %}

quoted -> null                 {% () => undefined %}
        | quoted %inside       {% ([list, inside]) => append(list, piece(inside)) %}
        | quoted %escaped      {% ([list, escaped]) => append(list, quote(escaped)) %}
