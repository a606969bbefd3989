// USER and --chown: names of the image's /etc/passwd and /etc/group as numbers. Pure functions over the files' texts.
// https://docs.docker.com/reference/dockerfile/#user and man 5 passwd, man 5 group

import { TsbuildError } from "../../errors.js";
import { didYouMean } from "../../suggest.js";

/** Texts of the image's files; absent when it has none. */
export interface UserFiles {
  readonly passwd?: string | undefined;
  readonly group?: string | undefined;
}

export interface StepUser {
  readonly uid: number;
  readonly gid: number;
  /** The primary group first. */
  readonly groups: readonly number[];
  readonly home: string;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Ids are 32 bits wide, and the last one means "no change" to chown. */
const MAX_ID = 0xffff_fffe;
/** Lines past these are not read: a hostile file costs no more than this. */
const MAX_LINES = 100_000;
const MAX_LINE = 65_536;

/**
 * The user of a RUN (S-118). A name, or a uid that the image knows, has its primary group and the groups that list it; an
 * unknown uid has group 0; `user:group` has that group only. `` is root.
 * @throws unknown_user for a name that the files don't have
 */
export function resolveUser(user: string, files: UserFiles): StepUser {
  const [userWord = "", groupWord] = split(user);
  const account = findAccount(userWord || "0", files);
  const { uid, home } = account;
  if (groupWord !== undefined && groupWord !== "") {
    const gid = findGroup(groupWord, files);
    return { uid, gid, groups: [gid], home };
  }
  return { uid, gid: account.gid, groups: [...new Set([account.gid, ...supplementary(account.name, files)])], home };
}

/**
 * The owner that `--chown` gives (S-093). A name gives its primary group too, a number itself as group; `root` is 0:0 even
 * without files.
 * @throws unknown_user for a name that the files don't have (S-094)
 */
export function resolveOwner(owner: string, files: UserFiles): Owner {
  const [userWord = "", groupWord] = split(owner);
  const user =
    userWord === "" || userWord === "root"
      ? { uid: 0, gid: 0 }
      : (numericOwner(userWord) ?? findAccount(userWord, files));
  if (groupWord === undefined || groupWord === "") return { uid: user.uid, gid: user.gid };
  return { uid: user.uid, gid: groupWord === "root" ? 0 : findGroup(groupWord, files) };
}

/** Whether a word of `--chown` or USER needs the image's files at all. */
export function isNumericOwner(owner: string): boolean {
  return split(owner).every(
    (word) => word === undefined || word === "" || word === "root" || parseId(word) !== undefined,
  );
}

function split(text: string): [string, string?] {
  const at = text.indexOf(":");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function numericOwner(word: string): Owner | undefined {
  const id = parseId(word);
  return id === undefined ? undefined : { uid: id, gid: id };
}

function findAccount(word: string, files: UserFiles): Account {
  const accounts = parseAccounts(files.passwd ?? "");
  const id = parseId(word);
  const found = accounts.find((account) => (id === undefined ? account.name === word : account.uid === id));
  if (found) return found;
  if (id !== undefined) return { name: "", uid: id, gid: 0, home: "/" };
  if (word === "root") return { name: "root", uid: 0, gid: 0, home: "/" };
  throw unknown("user", word, { file: "/etc/passwd", text: files.passwd, names: accounts.map(({ name }) => name) });
}

function findGroup(word: string, files: UserFiles): number {
  const id = parseId(word);
  if (id !== undefined) return id;
  const groups = parseGroups(files.group ?? "");
  const found = groups.find(({ name }) => name === word);
  if (found) return found.gid;
  if (word === "root") return 0;
  throw unknown("group", word, { file: "/etc/group", text: files.group, names: groups.map(({ name }) => name) });
}

function supplementary(user: string, files: UserFiles): number[] {
  if (user === "") return [];
  return parseGroups(files.group ?? "").flatMap(({ gid, members }) => (members.includes(user) ? [gid] : []));
}

/** A decimal id, or undefined for anything else: then the word is a name. */
function parseId(word: string): number | undefined {
  if (!/^\d{1,10}$/.test(word)) return undefined;
  const id = Number(word);
  return id <= MAX_ID ? id : undefined;
}

interface Searched {
  readonly file: string;
  readonly text: string | undefined;
  readonly names: readonly string[];
}

function unknown(kind: "user" | "group", word: string, { file, text, names }: Searched): TsbuildError {
  const where = text === undefined ? `the image has no ${file}` : `expected a number or a name in ${file}`;
  const hint = didYouMean(word, names) ?? `Create the ${kind} in an earlier RUN, or give its number.`;
  return new TsbuildError("unknown_user", `unknown ${kind} "${word}": ${where}`, { hint });
}

function parseAccounts(text: string): Account[] {
  return rows(text).flatMap(([name = "", , uidWord = "", gidWord = "", , home = ""]) => {
    const [uid, gid] = [parseId(uidWord), parseId(gidWord)];
    return uid === undefined || gid === undefined ? [] : [{ name, uid, gid, home: home || "/" }];
  });
}

function parseGroups(text: string): Group[] {
  return rows(text).flatMap(([name = "", , gidWord = "", members = ""]) => {
    const gid = parseId(gidWord);
    return gid === undefined ? [] : [{ name, gid, members: members.split(",").map((member) => member.trim()) }];
  });
}

/** Fields of each line; comments, empty lines and lines of NIS (`+`, `-`) have none that count. */
function rows(text: string): string[][] {
  const lines = text.split("\n", MAX_LINES).filter((line) => line.length <= MAX_LINE && !/^\s*(?:[#+-]|$)/.test(line));
  return lines.map((line) => line.trim().split(":"));
}
