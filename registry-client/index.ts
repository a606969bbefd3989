export { RegistryClient, type RegistryClientOptions } from "./client.js";
export type { BlobPlaces, Repository } from "./repository.js";
export { RegistryError } from "./error.js";
export { type AuthFileOptions, eraseAllCredentials, eraseCredentials, storeCredentials } from "./auth-file.js";
export { type Credentials, type Keychain, loadKeychain, withCredentials } from "./keychain.js";
export { loadRoutes } from "./registries-conf.js";
export type { Route } from "./routes.js";
export type { RetryOptions } from "../net/index.js";
