export { type ImageContents, readContents } from "./contents.js";
export {
  diffConfigs,
  diffImages,
  diffTrees,
  type ConfigChange,
  type FileAspect,
  type FileChange,
  type ImageDiff,
} from "./diff.js";
export { fetchImage } from "./fetch.js";
export { findImage, type FoundImage, type ImageWord } from "./find.js";
export { type HistoryEntry, imageHistory } from "./history.js";
export { type ImageDetails, inspectImage, type PlatformChoice, readManifest } from "./inspect.js";
export { type Cancelable, withIntactBlobs } from "./layers.js";
export { type ImageSummary, type ListFilters, listImages } from "./list.js";
export {
  type ImageTransferOptions,
  type PullAllOptions,
  pullAllTags,
  type PulledImage,
  pullImage,
  type PullOptions,
  type PullPolicy,
} from "./pull.js";
export { pullFromTransport } from "./pull-transport.js";
export { pushAllTags, type PushedImage, pushImage, type PushImageOptions } from "./push.js";
export { chooseImage, expectPlatform, type IndexedManifest } from "./root.js";
export { type Removal, removeImage, type RemoveOptions, tagImage } from "./tag.js";
export { loadDirectory, loadImages, type LoadOptions } from "./archive/load.js";
export type { LoadedImage } from "./archive/loaded.js";
export { saveImages, type SaveOptions } from "./archive/save.js";
export {
  addToIndex,
  type AddToIndexOptions,
  annotateIndex,
  annotateWholeIndex,
  createIndex,
  type CreateIndexOptions,
  readIndex,
  removeFromIndex,
  removeIndex,
} from "./index-edit.js";
export type { IndexEntryEdits } from "./index-entry.js";
export { pushIndex } from "./index-push.js";
export { REGISTRY_PREFIX } from "./index-source.js";
