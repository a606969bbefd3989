export { LayerAccess, type LayerAccessOptions } from "./access.js";
export { contentsOf, type Layer, type Snapshot } from "./layer.js";
export { unpackOptions } from "./unpacked.js";
export { equalLayer, keepLayer, layerExists, layerOf } from "./keep.js";
