// What takes the space, as tables.

import type { Unit, Usage } from "../../index.js";
import { formatBytes } from "../progress/format.js";
import { formatAge } from "./builds.js";
import { columns } from "./columns.js";

const NAMES: Readonly<Record<string, string>> = {
  images: "Images",
  layer: "Results of steps",
  unpacked: "Layers unpacked for RUN",
  pulled: "Base images",
  mount: "Cache mounts",
  source: "Repositories and archives",
  download: "Downloads",
  loose: "Blobs without a name",
  internal: "Logs and indexes",
  records: "Records",
  temporary: "Unfinished",
};

/** In the form of `docker system df`. */
export function usageTable({ rows, total, reclaimable }: Usage): string {
  const shown = rows.map((row) => [
    NAMES[row.kind]!,
    String(row.count),
    String(row.active),
    formatBytes(row.size),
    amount(row.reclaimable, row.size),
  ]);
  const sum = ["Total", "", "", formatBytes(total), amount(reclaimable, total)];
  return columns([["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"], ...shown, sum], 4);
}

/** The largest first, in the form of `docker buildx du`. */
export function unitsTable(units: readonly Unit[]): string {
  const now = Date.now();
  const rows = units
    .toSorted((a, b) => b.size - a.size)
    .map((unit) => [
      unit.id.slice(0, 12),
      unit.kind,
      String(!unit.inUse && !unit.shared),
      formatBytes(unit.size),
      `${formatAge(now - unit.lastUsed)} ago`,
      shorten(unit.description),
    ]);
  return columns([["ID", "KIND", "RECLAIMABLE", "SIZE", "LAST USED", "DESCRIPTION"], ...rows], 3);
}

function amount(part: number, whole: number): string {
  return whole === 0 ? formatBytes(part) : `${formatBytes(part)} (${Math.round((100 * part) / whole)}%)`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
