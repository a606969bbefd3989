export { LayerAccess, type LayerAccessOptions } from "./access.js";
export { unpackedNames } from "./unpacked.js";
export { contentsOf, type Layer, type Snapshot } from "./layer.js";
export { type LayerForm, unpackOptions } from "./unpacked.js";
export { equalLayer, keepLayer, layerExists, layerOf } from "./keep.js";
