export { Gate } from "./gate.js";
export { type NetworkOptions, type OpenNetwork, openNetwork } from "./network.js";
export { type Environment, hostOf, isLoopback, proxyFor } from "./proxy.js";
export { RateLimit, throttle } from "./rate-limit.js";
export { cannotReach, creptBytes, type Reason, reasonOf } from "./reason.js";
export { isTransient, mayTryAgain, parseRetryAfter, pause, type RetryOptions, withRetries } from "./retry.js";
export type { OnWait, Patience } from "./silence.js";
export { type Body, type HttpRequest, type HttpResponse, Transport, type TransportOptions } from "./transport.js";
export { openTunnel } from "./tunnel.js";
