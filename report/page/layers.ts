// Layers, and what of them is hidden by later ones.

import type { ImageReport } from "../model.js";
import { type Html, markup } from "./markup.js";
import { count, share, size } from "./numbers.js";
import { bar, note, path, section, table } from "./parts.js";

export function layersSection({ image, layerBytes, waste }: ImageReport): Html {
  const whole = layerBytes.reduce((sum, bytes) => sum + bytes, 0);
  const most = Math.max(0, ...layerBytes);
  const rows = image.layers.map(({ index, createdBy = "", blobSize }, position) => {
    const bytes = layerBytes[position]!;
    const hidden = waste.ofLayers[position]!;
    return [
      position + 1,
      markup`<code>${createdBy || "(the image does not say)"}</code><small>${index.diffID}</small>`,
      size(bytes),
      bar(bytes, most),
      count(index.changes.length, "entry", "entries"),
      size(blobSize),
      hidden === 0 ? "" : `${size(hidden)} (${share(hidden, bytes)})`,
    ];
  });
  const titles = ["#", "Instruction", "Files", "", "Changes", "Blob", "Hidden later"];
  return section(
    "layers",
    "Layers",
    markup`<div class="stack" role="img" aria-label="Sizes of the layers, lowest first">
      ${layerBytes.map(
        (bytes, position) =>
          bytes > 0 &&
          markup`<span
            style="flex-grow:${bytes}"
            title="${`layer ${position + 1}: ${size(bytes)}, ${share(bytes, whole)}`}"
          ></span>`,
      )}
    </div>`,
    table(
      titles.map((title) => ({ title, isNumber: !["Instruction", ""].includes(title) })),
      rows,
    ),
    note("Lowest first. Files are the bytes of content that a layer brings, Blob is what the store keeps of it."),
  );
}

/** Rows of the table. */
const MOST = 50;

export function wasteSection({ waste }: ImageReport): Html {
  if (waste.paths.length === 0)
    return section("waste", "Wasted bytes", note("No layer overwrites or deletes what a lower one brought."));
  const most = waste.paths[0]!.bytes;
  const rows = waste.paths
    .slice(0, MOST)
    .map(({ path: place, kind, bytes, layer }) => [
      path(place),
      size(bytes),
      bar(bytes, most),
      `${kind} by layer ${layer + 1}`,
    ]);
  return markup`<div class="waste">
    ${section(
      "waste",
      "Wasted bytes",
      note(
        `${size(waste.bytes)} are in the image and never seen: a later layer overwrites or deletes them. `,
        "Delete files in the instruction that makes them, or build them in another stage.",
      ),
      table([{ title: "Path" }, { title: "Bytes", isNumber: true }, { title: "" }, { title: "How" }], rows),
      waste.paths.length > MOST && note(`and ${count(waste.paths.length - MOST, "smaller path")}`),
    )}
  </div>`;
}
