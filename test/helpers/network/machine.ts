// A machine's network, apart from the real one: a namespace with addresses, servers on them, and a name server on its loopback.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Addresses of the machine that are not on its loopback interface; the first is the one that its default route has. */
export const ADDRESSES = ["10.77.0.1", "10.77.1.1"] as const;
/** Answers at each of `ADDRESSES`; on the loopback, PORT + 1 does. */
export const PORT = 8080;

const SETUP = `
ip link set lo up
ip link add name veth0 type veth peer name veth1
ip addr add ${ADDRESSES[0]}/24 dev veth0
ip addr add ${ADDRESSES[1]}/32 dev lo
ip link set veth0 up
ip link set veth1 up
ip route add default via 10.77.0.254 dev veth0
mount --bind "$1" /etc/resolv.conf
exec "$2" -e "$3"
`;

/** Any name has the address 10.77.1.1, which the servers answer at. */
const SERVERS = `
const { createServer } = require("node:net");
const serve = (address, port) => new Promise((done) => createServer((socket) => socket.on("error", () => {}).end("hello")).listen(port, address, done));
const names = require("node:dgram").createSocket("udp4");
names.on("message", (query, { address, port }) => {
  const answer = Buffer.concat([query, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 77, 1, 1])]);
  answer.set([0x81, 0x80, 0, 1, 0, 1], 2);
  names.send(answer, port, address);
});
names.bind(53, "127.0.0.1");
Promise.all([...${JSON.stringify(ADDRESSES)}.map((each) => serve(each, ${PORT})), serve("127.0.0.1", ${PORT + 1})]).then(() => console.log("ready"));
`;

export class NetworkMachine {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** @param directory for its resolv.conf */
  static async start(directory: string): Promise<NetworkMachine> {
    const resolvConf = join(directory, "resolv.conf");
    writeFileSync(resolvConf, "nameserver 127.0.0.1\nsearch example.test\n");
    const words = ["--net", "--mount", "sh", "-ec", SETUP, "sh", resolvConf, process.execPath, SERVERS];
    const child = spawn("unshare", words, { stdio: ["ignore", "pipe", "inherit"] });
    const [first] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
    if (!Buffer.isBuffer(first)) throw new Error("expected a network namespace with veth interfaces");
    return new NetworkMachine(child);
  }

  /** What starts a program on this machine. */
  get enter(): readonly string[] {
    return ["nsenter", "--net", "--mount", "--target", String(this.#process.pid), "--"];
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }
}
