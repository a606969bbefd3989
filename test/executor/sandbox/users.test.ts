import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isNumericOwner, resolveOwner, resolveUser } from "../../../executor/sandbox/users.js";

const passwd = `root:x:0:0:root:/root:/bin/sh
# a comment: with:colons:1:1:::
daemon:x:1:7:daemon:/usr/sbin:/usr/sbin/nologin
node:x:1000:1001::/home/node:/bin/sh
homeless:x:1002:1002:::
broken:x:abc:1:::
+nis::::::
1234:x:55:56::/home/digits:/bin/sh
node:x:2000:2001::/other:/bin/sh
`;
const group = `root:x:0:
daemon:x:7:node
staff:x:50:node,daemon
node:x:1001:
docker:x:999:other,node
4321:x:77:
broken:x:
`;
const files = { passwd, group };

describe("resolveUser()", () => {
  test("gives a name its primary and supplementary groups, and its home (S-118)", () => {
    expect(resolveUser("node", files)).toEqual({
      uid: 1000,
      gid: 1001,
      groups: [1001, 7, 50, 999],
      home: "/home/node",
    });
  });

  test("gives a known uid the same (S-118)", () => {
    expect(resolveUser("1000", files)).toEqual(resolveUser("node", files));
  });

  test("gives an unknown uid group 0 and home / (S-118)", () => {
    expect(resolveUser("4242", files)).toEqual({ uid: 4242, gid: 0, groups: [0], home: "/" });
  });

  test.each([
    ["node:staff", 50],
    ["node:50", 50],
    ["1000:12345", 12345],
    ["node:0", 0],
  ])("gives %s only that group (S-118)", (user, gid) => {
    expect(resolveUser(user, files)).toEqual({ uid: 1000, gid, groups: [gid], home: "/home/node" });
  });

  test("takes digits for a number, even where a name is like it", () => {
    expect(resolveUser("1234", files)).toMatchObject({ uid: 1234, gid: 0 });
    expect(resolveUser("node:4321", files)).toMatchObject({ gid: 4321 });
  });

  test.each(["", "root", "0"])("takes %j for root, whose groups are the image's", (user) => {
    expect(resolveUser(user, files)).toEqual({ uid: 0, gid: 0, groups: [0], home: "/root" });
  });

  test("needs no files for root and numbers", () => {
    expect(resolveUser("", {})).toEqual({ uid: 0, gid: 0, groups: [0], home: "/" });
    expect(resolveUser("root:root", {})).toEqual({ uid: 0, gid: 0, groups: [0], home: "/" });
    expect(resolveUser("5:6", {})).toEqual({ uid: 5, gid: 6, groups: [6], home: "/" });
  });

  test("has / for an empty home", () => {
    expect(resolveUser("homeless", files).home).toBe("/");
  });

  test("says which name is unknown, and what was meant", () => {
    expect(() => resolveUser("nod", files)).toThrow(
      expect.objectContaining({
        code: "unknown_user",
        message: 'unknown user "nod": expected a number or a name in /etc/passwd',
        hint: 'Did you mean "node"?',
      }),
    );
    expect(() => resolveUser("node:stuff", files)).toThrow(
      expect.objectContaining({ code: "unknown_user", hint: 'Did you mean "staff"?' }),
    );
    expect(() => resolveUser("app", {})).toThrow('unknown user "app": the image has no /etc/passwd');
  });

  test("reads no more than it must of a hostile file", () => {
    const long = `${"a".repeat(70_000)}:x:1:1::/:\nend:x:5:5::/:\n`;
    expect(resolveUser("end", { passwd: long }).uid).toBe(5);
    const many = "x:x:1:1::/:\n".repeat(200_000);
    expect(() => resolveUser("last", { passwd: `${many}last:x:9:9::/:\n` })).toThrow("unknown user");
  });

  test("takes any text of files without failing otherwise than by unknown_user", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (user, one, other) => {
        try {
          resolveUser(user, { passwd: one, group: other });
        } catch (error) {
          expect(error).toMatchObject({ code: "unknown_user" });
        }
      }),
    );
  });
});

describe("resolveOwner()", () => {
  test("gives a name uid and primary group (S-093)", () => {
    expect(resolveOwner("daemon", files)).toEqual({ uid: 1, gid: 7 });
  });

  test("gives a number the same number as group, known or not (S-093)", () => {
    expect(resolveOwner("55", files)).toEqual({ uid: 55, gid: 55 });
    expect(resolveOwner("1000", files)).toEqual({ uid: 1000, gid: 1000 });
  });

  test.each([
    ["node:staff", 1000, 50],
    ["55:node", 55, 1001],
    ["5:6", 5, 6],
    ["root:root", 0, 0],
    ["root", 0, 0],
    [":staff", 0, 50],
    ["node:", 1000, 1001],
  ])("resolves %s", (owner, uid, gid) => expect(resolveOwner(owner, files)).toEqual({ uid, gid }));

  test("fails for an unknown name (S-094)", () => {
    expect(() => resolveOwner("nobody", files)).toThrow(expect.objectContaining({ code: "unknown_user" }));
    expect(() => resolveOwner("5:nogroup", files)).toThrow('unknown group "nogroup"');
    expect(() => resolveOwner("www-data", {})).toThrow("the image has no /etc/passwd");
  });
});

test("isNumericOwner() tells whether files are needed", () => {
  expect(["5", "5:6", "root", "root:0", ":7", ""].map(isNumericOwner)).toEqual([true, true, true, true, true, true]);
  expect(["node", "5:staff", "-1", "99999999999"].map(isNumericOwner)).toEqual([false, false, false, false]);
});
