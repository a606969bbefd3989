import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { Gate, RateLimit, throttle } from "../../net/index.js";

test("RateLimit.take() says how long to wait, for all who take together", () => {
  const limit = new RateLimit(1000);
  expect(limit.take(100, 1_000_000)).toBeCloseTo(0);
  expect(limit.take(500, 1_000_000)).toBeCloseTo(500);
  expect(limit.take(500, 1_000_000)).toBeCloseTo(1000);
  expect(limit.take(100, 1_000_900)).toBeCloseTo(200);
  expect(limit.take(1000, 1_100_000)).toBeCloseTo(900);
});

test("throttle() changes no byte", async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const passed = Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]).pipe(throttle(new RateLimit(50_000_000)));
  expect(Buffer.concat(await passed.toArray()).equals(bytes)).toBe(true);
});

test("a Gate lets in so many at once, in the order in which they came", async () => {
  const gate = new Gate(2);
  const order: number[] = [];
  let [now, most] = [0, 0];
  const visit = async (name: number) => {
    const leave = await gate.enter();
    order.push(name);
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
    leave();
  };
  await Promise.all(Array.from({ length: 7 }, (_, name) => visit(name)));
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("who needs several places waits for them, and who comes later waits behind", async () => {
  const gate = new Gate(3);
  const order: string[] = [];
  const visit = async (name: string, places: number) => {
    const leave = await gate.enter(undefined, places);
    order.push(name);
    return leave;
  };
  const first = await visit("a", 2);
  const others = [visit("b", 2), visit("c", 1)];
  await Promise.resolve();
  expect(order).toEqual(["a"]);
  first();
  await Promise.all(others);
  expect(order).toEqual(["a", "b", "c"]);
});

test("who gives up waiting before a Gate takes no place", async () => {
  const gate = new Gate(1);
  const leave = await gate.enter();
  const aborter = new AbortController();
  const waiting = gate.enter(aborter.signal);
  aborter.abort();
  await expect(waiting).rejects.toMatchObject({ code: "interrupted" });
  leave();
  (await gate.enter())();
});
