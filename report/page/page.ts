// The report of an image as one page of HTML that needs nothing else: no script, no font, no picture from elsewhere.
// https://html.spec.whatwg.org/

import type { Comparison, ImageReport } from "../model.js";
import { comparisonSection } from "./comparison.js";
import { filesSection, foldersSection, packagesSection } from "./files.js";
import { Html, markup } from "./markup.js";
import { layersSection, wasteSection } from "./layers.js";
import { count, share, size } from "./numbers.js";
import { tile } from "./parts.js";
import { STYLE } from "./style.js";

/** Browsers then refuse whatever a name of a file might smuggle in. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The same images give the same page, byte for byte. @param version of tsbuild */
export function reportPage(report: ImageReport, version: string, comparison?: Comparison): string {
  const { image } = report;
  const sections = [
    ["layers", "Layers"],
    ["waste", "Wasted bytes"],
    ["folders", "Folders"],
    ["files", "Largest files"],
    ["packages", "Packages"],
    ...(comparison ? [["comparison", "Comparison"] as const] : []),
  ] as const;
  return markup`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${image.name} &ndash; image report</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${image.name}</h1>
          <p>${image.platform}${image.created !== undefined && `, made ${image.created}`}</p>
          <p><code>${image.imageId}</code></p>
          <nav>${sections.map(([id, title]) => markup`<a href="#${id}">${title}</a>`)}</nav>
        </header>
        <main>
          ${tiles(report)}
          ${comparison && comparisonSection(report, comparison)}
          ${layersSection(report)}
          ${wasteSection(report)}
          ${foldersSection(report)}
          ${filesSection(report)}
          ${packagesSection(report)}
        </main>
        <footer>Made by tsbuild ${version}.</footer>
      </body>
    </html>
`.text;
}

function tiles({ image, bytes, files, layerBytes, waste, packages }: ImageReport): Html {
  const whole = layerBytes.reduce((sum, one) => sum + one, 0);
  const blobs = image.layers.reduce((sum, { blobSize }) => sum + blobSize, 0);
  return markup`<dl class="tiles">
    ${[
      tile("Files", size(bytes), count(files, "entry", "entries")),
      tile("Layers", String(image.layers.length), `${size(blobs)} in the store`),
      tile("Wasted", size(waste.bytes), `${share(waste.bytes, whole)} of all layers`),
      tile("Packages", packages.length.toLocaleString("en")),
    ]}
  </dl>`;
}
