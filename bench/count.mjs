// What a command moves: a server in front of the registry that counts requests and bytes.

import { spawn } from "node:child_process";
import http from "node:http";

/**
 * Runs the command that `commandFor` makes for the host of the counting server.
 * @returns {Promise<{ requests: number, bytes: number }>}
 */
export async function countRequests(registry, commandFor, options) {
  const counted = { requests: 0, bytes: 0 };
  const server = http.createServer((request, response) => forward(registry, request, response, counted));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const [program, ...args] = commandFor(`localhost:${server.address().port}`);
    const child = spawn(program, args, { stdio: "ignore", ...options });
    const code = await new Promise((done) => child.on("close", done));
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}`);
    return counted;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function forward(registry, request, response, counted) {
  counted.requests++;
  const [hostname, port] = registry.split(":");
  const count = (chunk) => (counted.bytes += chunk.length);
  const { method, url: path, headers } = request;
  const outgoing = http.request({ hostname, port, method, path, headers }, (answer) => {
    answer.on("data", count);
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  request.on("data", count);
  request.pipe(outgoing);
}
