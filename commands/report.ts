// `report`: an image as one page of HTML.

import type { Store } from "../cache/index.js";
import { diffConfigs, diffTrees, readContents } from "../images/index.js";
import { type Comparison, describeImage, type ImageReport, reportPage } from "../report/index.js";
import { version } from "../version.js";
import type { PlatformOptions } from "./images.js";
import { withExistingStore } from "./with-store.js";

export interface ReportOptions extends PlatformOptions {
  /** An image to compare with: what was before. */
  readonly against?: string;
}

/**
 * Layers, wasted bytes, largest folders, files and packages of an image, and how it differs from another one, as a page that
 * needs nothing else. The same images give the same page.
 * @returns the HTML
 * @throws image_not_found, platform_not_found, blob_not_found
 */
export const reportImage = (image: string, options: ReportOptions = {}): Promise<string> =>
  withExistingStore(options, async (store) => {
    const { report, config } = await read(store, image, options);
    const { against } = options;
    if (against === undefined) return reportPage(report, version);
    const before = await read(store, against, options);
    const comparison: Comparison = {
      other: before.report,
      files: diffTrees(before.report.image.tree, report.image.tree),
      config: diffConfigs(before.config, config),
    };
    return reportPage(report, version, comparison);
  });

async function read(store: Store, name: string, options: PlatformOptions) {
  const { image, layers, tree, packages, platform } = await readContents(store, name, options);
  const { config, manifest } = image;
  const report: ImageReport = describeImage({
    name,
    imageId: manifest.config.digest,
    platform,
    ...(config.created !== undefined && { created: config.created }),
    layers: layers.map(({ blob, index, history }) => ({
      index,
      blobSize: blob.size,
      ...(history?.created_by !== undefined && { createdBy: history.created_by }),
    })),
    tree,
    packages,
  });
  return { report, config };
}
