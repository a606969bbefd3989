// The history of an image, as docker prints it.
// https://docs.docker.com/reference/cli/docker/image/history/

import type { HistoryEntry } from "../../index.js";
import { rfc3339, shortSize, since } from "./docker-units.js";
import { shortId } from "./images.js";
import { formatRows, type Row } from "./rows.js";

export interface HistoryFormat {
  readonly format: string;
  readonly noTrunc: boolean;
  /** Sizes and times for people. */
  readonly human: boolean;
}

const HEADINGS = {
  ID: "IMAGE",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  CreatedBy: "CREATED BY",
  Size: "SIZE",
  Comment: "COMMENT",
  Layer: "LAYER",
};

/** Characters of an instruction that a table has room for. */
const MOST = 45;

export function historyText(entries: readonly HistoryEntry[], options: HistoryFormat): string {
  const { format, human } = options;
  const shown = ["ID", human ? "CreatedSince" : "CreatedAt", "CreatedBy", "Size", "Comment"];
  return formatRows({ format, headings: HEADINGS, shown, rows: entries.map((entry) => rowOf(entry, options)) });
}

function rowOf(
  { imageId, created, createdBy, comment, size, layer }: HistoryEntry,
  { noTrunc, human }: HistoryFormat,
): Row {
  const instruction = createdBy.replace(/\s+/g, " ");
  return {
    ID: imageId === undefined ? "<missing>" : shortId(imageId, noTrunc),
    CreatedSince: since(created),
    CreatedAt: rfc3339(created),
    CreatedBy: noTrunc || instruction.length <= MOST ? instruction : `${instruction.slice(0, MOST - 1)}…`,
    Size: human ? shortSize(size) : String(size),
    Comment: comment,
    Layer: layer?.diffID ?? "",
  };
}
