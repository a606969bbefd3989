export { transfer, type TransferOptions } from "./copy.js";
export { namesTransport, parseTransport, type TransportName } from "./name.js";
export { type Destination, openDestination, openSource, type Source, type TransportOptions } from "./open.js";
