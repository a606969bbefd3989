export { Masking } from "./mask-events.js";
export { unsearched } from "./patterns.js";
export type { SecretValues } from "./patterns.js";
export { refuseSecrets, type SearchedImage, type SearchedLayer } from "./search.js";
