// The options of `--mount`, which are comma-separated values.
// https://docs.docker.com/reference/dockerfile/#run---mount

import { DockerfileError } from "../error.js";
import { Text } from "../text.js";
import compiled, { type Chain, type Piece } from "./csv.grammar.js";
import { Grammar } from "./run.js";

const csv = new Grammar<Chain<Chain<Piece> | undefined>>(compiled);

/**
 * The fields of a record, without the quotes around them.
 *
 * @throws DockerfileError `bad_flag_value` for a quote that is not closed, or that does not stand at the start of a field
 */
export function splitCsv(record: Text): Text[] {
  if (!record.value.includes('"')) return splitAtCommas(record);
  const fields = csv.read(record.value);
  if (fields === undefined) throw misquoted(record);
  return unroll(fields).map((pieces) => join(record, unroll(pieces)));
}

function splitAtCommas(record: Text): Text[] {
  const fields: Text[] = [];
  for (let start = 0; start <= record.length;) {
    const comma = record.value.indexOf(",", start);
    const end = comma < 0 ? record.length : comma;
    fields.push(record.slice(start, end));
    start = end + 1;
  }
  return fields;
}

function join(record: Text, pieces: readonly Piece[]): Text {
  const [first, ...others] = pieces.map(({ start, end }) => record.slice(start, end));
  return first === undefined ? record.slice(0, 0) : Text.concat([first, ...others]);
}

function unroll<T>(chain: Chain<T> | undefined): T[] {
  const items: T[] = [];
  for (let link = chain; link !== undefined; link = link.before) items.push(link.item);
  return items.reverse();
}

function misquoted(record: Text): DockerfileError {
  const hint = "Put the whole option in quotes, and write a quote in it twice.";
  return new DockerfileError(
    "bad_flag_value",
    `the quotes of the mount ${record.value.slice(0, 60)} do not fit`,
    record.span(),
    { hint },
  );
}
