export {
  find,
  type ImageDetails,
  type ImageSummary,
  inspectImage,
  listImages,
  removeImage,
  type StoreOptions,
  tagImage,
} from "./list.js";
export { pullImage, pushImage } from "./transfer.js";
