export { RegistryClient, type RegistryClientOptions } from "./client.js";
export type { Repository } from "./repository.js";
export { RegistryError } from "./error.js";
export { type Credentials, type Keychain, loadKeychain } from "./keychain.js";
export type { RetryOptions } from "../net/index.js";
