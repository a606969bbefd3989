import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostsText, resolvConfText, writeNetworkFiles } from "../../../executor/sandbox/files.js";

const STUB = "nameserver 127.0.0.53\noptions edns0\n";

function reader(files: Record<string, string>): (path: string) => string | undefined {
  return (path) => files[path];
}

test("hostsText() has localhost, the sandbox's name and added hosts (S-120)", () => {
  const extraHosts = [{ name: "db", address: "10.0.0.5" }];
  expect(hostsText({})).toBe("127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n");
  expect(hostsText({ hostname: "other", extraHosts })).toBe(
    "127.0.0.1\tlocalhost other\n::1\tlocalhost ip6-localhost ip6-loopback\n10.0.0.5\tdb\n",
  );
});

test("resolvConfText() is the host's file", () => {
  const read = reader({ "/etc/resolv.conf": "nameserver 10.0.0.1\nsearch example\n" });
  expect(resolvConfText({ network: "none", read })).toBe("nameserver 10.0.0.1\nsearch example\n");
});

test("resolvConfText() goes behind systemd's stub, but not in the host's network (S-121)", () => {
  const read = reader({ "/etc/resolv.conf": STUB, "/run/systemd/resolve/resolv.conf": "nameserver 10.0.0.2\n" });
  expect(resolvConfText({ network: "none", read })).toBe("nameserver 10.0.0.2\n");
  expect(resolvConfText({ network: "host", read })).toBe(STUB);
});

test("resolvConfText() keeps the stub when it is not alone, or when nothing is behind it", () => {
  const two = `${STUB}nameserver 10.0.0.9\n`;
  expect(resolvConfText({ network: "none", read: reader({ "/etc/resolv.conf": two }) })).toBe(two);
  expect(resolvConfText({ network: "none", read: reader({ "/etc/resolv.conf": STUB }) })).toBe(STUB);
});

test("resolvConfText() is empty on a host without the file", () => {
  expect(resolvConfText({ network: "host", read: reader({}) })).toBe("");
});

test("writeNetworkFiles() writes files that everybody may read, whatever the umask (S-127)", () => {
  const before = process.umask(0o077);
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-files-"));
  try {
    const { hosts, resolvConf } = writeNetworkFiles(directory, {
      network: "host",
      read: reader({ "/etc/resolv.conf": "x\n" }),
    });
    expect([readFileSync(hosts, "utf8"), readFileSync(resolvConf, "utf8")]).toEqual([hostsText({}), "x\n"]);
    expect([statSync(hosts).mode & 0o777, statSync(resolvConf).mode & 0o777]).toEqual([0o644, 0o644]);
  } finally {
    process.umask(before);
    rmSync(directory, { recursive: true });
  }
});
