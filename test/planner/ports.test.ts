import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePorts } from "../../planner/ports.js";

test.each([
  ["80", ["80/tcp"]],
  ["80/udp", ["80/udp"]],
  ["53/UDP", ["53/udp"]],
  ["0", ["0/tcp"]],
  ["132/sctp", ["132/sctp"]],
  ["80/", ["80/tcp"]],
  ["8000-8002/tcp", ["8000/tcp", "8001/tcp", "8002/tcp"]],
  ["1234:80", ["80/tcp"]],
  ["0.0.0.0:1234-1235:3333-3334/tcp", ["3333/tcp", "3334/tcp"]],
  ["1000-2000:80", ["80/tcp"]],
  ["[::1]:80:80", ["80/tcp"]],
  ["[2001:4860:0:2001::68]::333", ["333/tcp"]],
  ["::1:80:80", ["80/tcp"]],
  ["::::80", ["80/tcp"]],
])("S-151: parsePorts(%j)", (text, ports) => expect(parsePorts(text)).toEqual({ ports }));

test.each([
  "",
  "/tcp",
  "65536",
  "8002-8000",
  "1-2-3",
  "http",
  "80/icmp",
  "localhost:80:80",
  "a:80",
  "1-3:8-9",
  "-1",
  " 80",
])("S-151: parsePorts(%j) says what is wrong", (text) =>
  expect(parsePorts(text)).toEqual({ problem: expect.stringMatching(/^expected .*, found /) }),
);

test("a range has as many ports as it spans", () => {
  fc.assert(
    fc.property(fc.nat(65_000), fc.nat(400), (first, length) => {
      const found = parsePorts(`${first}-${first + length}/udp`);
      expect(found).toMatchObject({
        ports: { length: length + 1, 0: `${first}/udp`, [length]: `${first + length}/udp` },
      });
    }),
  );
});
