export { loadImages, saveImages } from "./archives.js";
export {
  diffImages,
  imageHistory,
  inspectImage,
  listImages,
  type ListOptions,
  type PlatformOptions,
  readManifest,
  removeImage,
  tagImage,
} from "./images.js";
export {
  addToManifest,
  annotateManifest,
  createManifest,
  inspectManifest,
  type ManifestOptions,
  pushManifest,
  removeFromManifest,
} from "./manifests.js";
export { reportImage, type ReportOptions } from "./report.js";
export { runImage, type RunOptions } from "./run.js";
export { pullAllTags, pullImage, pushAllTags, pushImage, type RegistryCommandOptions } from "./transfer.js";
export { type CommandOptions, withStore } from "./with-store.js";
