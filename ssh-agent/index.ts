export { type AgentSocket, openAgent } from "./server.js";
