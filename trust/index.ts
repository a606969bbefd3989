export { readRegistrySources } from "./registry-sources.js";
export type { ImageSource } from "./source.js";
export { loadTrust, type Permit, type Trust, type TrustOptions } from "./trust.js";
