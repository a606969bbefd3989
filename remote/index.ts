export type { ReadSecret } from "./auth.js";
export { download, type DownloadOptions, type RemoteFile } from "./download.js";
export { checkOut } from "./git-checkout.js";
export { Git, type GitOptions } from "./git-command.js";
export { type ResolvedRef, resolveRef } from "./git-refs.js";
export { type GitSource, parseGitSource, type ParseGitOptions } from "./git-source.js";
export { fileNameOf, type HttpSource, isHttpUrl } from "./http-source.js";
export type { GetRequest, Network } from "./network.js";
export { redactUrl } from "./redact.js";
