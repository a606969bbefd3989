// Changes files as a script says, and tells all there is about a tree: for the tests of snapshots, inside and outside of a
// sandbox. `file-probe apply SCRIPT ROOT` runs one operation a line (see operations[]); what fails is left as it is.
// `file-probe scan ROOT` prints one line for each path. Paths are relative to ROOT and in hexadecimal, since names may have any bytes.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static char words[5][9000];

static long number(int word) { return strtol(words[word], NULL, 0); }

/** Decodes a word in place. */
static char *text(int word) {
  char *from = words[word], *to = words[word];
  for (unsigned byte; from[0] && from[1] && sscanf(from, "%2x", &byte) == 1; from += 2) *to++ = (char)byte;
  *to = 0;
  return words[word];
}

static size_t bytes(int word) { return strlen(words[word]) / 2; }

static void fill(int file, long size, long seed) {
  char block[4096];
  for (long at = 0; at < size; at += (long)sizeof block) {
    for (size_t i = 0; i < sizeof block; i++) block[i] = (char)(seed + at + (long)i * 7);
    long rest = size - at;
    if (write(file, block, rest < (long)sizeof block ? (size_t)rest : sizeof block) < 0) return;
  }
}

static void write_file(int flags) {
  int file = open(text(1), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | flags, 0644);
  if (file < 0) return;
  fill(file, number(2), number(3));
  close(file);
}

static void do_file(void) { write_file(O_CREAT | O_TRUNC); }
static void do_overwrite(void) { write_file(0); }
static void do_append(void) { write_file(O_APPEND); }

static void do_sparse(void) {
  int file = open(text(1), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return;
  if (ftruncate(file, number(2)) == 0 && pwrite(file, "end", 3, number(2) / 2) == 3) fsync(file);
  close(file);
}

static void do_mkdir(void) { mkdir(text(1), 0755); }

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place) {
  (void)status, (void)type, (void)place;
  return remove(path), 0;
}

static void do_remove(void) { nftw(text(1), remove_one, 64, FTW_DEPTH | FTW_PHYS); }

/** As mv does it: a directory of a lower layer is copied and removed. */
static void do_rename(void) {
  char *from = text(1), *to = text(2);
  if (rename(from, to) == 0 || errno != EXDEV) return;
  pid_t child = fork();
  if (child == 0) {
    dup2(open("/dev/null", O_WRONLY), 2);
    execlp("mv", "mv", "-f", "--", from, to, NULL);
    _exit(127);
  }
  waitpid(child, NULL, 0);
}

static void do_chmod(void) {
  struct stat status;
  if (lstat(text(1), &status) == 0 && !S_ISLNK(status.st_mode)) chmod(words[1], (mode_t)number(2));
}

static void do_chown(void) { (void)!lchown(text(1), (uid_t)number(2), (gid_t)number(3)); }

static void do_touch(void) {
  struct timespec times[2] = {{number(2), number(3)}, {number(2), number(3)}};
  utimensat(AT_FDCWD, text(1), times, AT_SYMLINK_NOFOLLOW);
}

static void do_link(void) { (void)!linkat(AT_FDCWD, text(1), AT_FDCWD, text(2), 0); }
static void do_symlink(void) { (void)!symlink(text(1), text(2)); }
static void do_fifo(void) { mkfifo(text(1), 0640); }
static void do_character(void) { mknod(text(1), S_IFCHR | 0600, makedev((unsigned)number(2), (unsigned)number(3))); }
static void do_block(void) { mknod(text(1), S_IFBLK | 0600, makedev((unsigned)number(2), (unsigned)number(3))); }

static void do_socket(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(text(1)) >= sizeof address.sun_path) return;
  strcpy(address.sun_path, words[1]);
  int file = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(file, (struct sockaddr *)&address, sizeof address) < 0) errno = 0;
  close(file);
}

static void do_xattr(void) {
  size_t length = bytes(3);
  lsetxattr(text(1), words[2], text(3), length, 0);
}

static void do_unxattr(void) { lremovexattr(text(1), words[2]); }

/** cap_net_raw=ep, in the form of the kernel's version 2. */
static void do_capability(void) {
  static const uint32_t value[5] = {0x02000001, 1u << 13, 0, 0, 0};
  lsetxattr(text(1), "security.capability", value, sizeof value, 0);
}

static const struct {
  const char *name;
  void (*run)(void);
} operations[] = {
  {"file", do_file},         // PATH SIZE SEED
  {"overwrite", do_overwrite}, // PATH SIZE SEED
  {"append", do_append},     // PATH SIZE SEED
  {"sparse", do_sparse},     // PATH SIZE
  {"mkdir", do_mkdir},       // PATH
  {"remove", do_remove},     // PATH
  {"rename", do_rename},     // FROM TO
  {"chmod", do_chmod},       // PATH MODE
  {"chown", do_chown},       // PATH UID GID
  {"touch", do_touch},       // PATH SECONDS NANOSECONDS
  {"link", do_link},         // FROM TO
  {"symlink", do_symlink},   // TARGET PATH
  {"fifo", do_fifo},         // PATH
  {"character", do_character}, // PATH MAJOR MINOR
  {"block", do_block},       // PATH MAJOR MINOR
  {"socket", do_socket},     // PATH
  {"xattr", do_xattr},       // PATH NAME VALUE
  {"unxattr", do_unxattr},   // PATH NAME
  {"capability", do_capability}, // PATH
};

static int apply(const char *script) {
  FILE *lines = fopen(script, "re");
  if (!lines) return perror(script), 1;
  char *line = NULL;
  size_t room = 0;
  while (getline(&line, &room, lines) > 0) {
    memset(words, 0, sizeof words);
    sscanf(line, "%8999s %8999s %8999s %8999s %8999s", words[0], words[1], words[2], words[3], words[4]);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
      if (!strcmp(operations[i].name, words[0])) operations[i].run();
    }
  }
  return 0;
}

static void print_hex(const void *data, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", ((const unsigned char *)data)[i]);
}

static uint64_t hash_file(const char *name) {
  unsigned char block[65536];
  uint64_t hash = 14695981039346656037ull;
  int file = openat(AT_FDCWD, name, O_RDONLY | O_NOFOLLOW);
  for (ssize_t count; file >= 0 && (count = read(file, block, sizeof block)) > 0;) {
    for (ssize_t i = 0; i < count; i++) hash = (hash ^ block[i]) * 1099511628211ull;
  }
  if (file >= 0) close(file);
  return hash;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void print_xattrs(const char *name) {
  char list[65536], value[65536], *sorted[256];
  ssize_t length = llistxattr(name, list, sizeof list);
  int count = 0;
  for (char *at = list; length > 0 && at < list + length && count < 256; at += strlen(at) + 1) sorted[count++] = at;
  qsort(sorted, (size_t)count, sizeof *sorted, by_text);
  for (int i = 0; i < count; i++) {
    if (strncmp(sorted[i], "user.", 5) && strcmp(sorted[i], "security.capability")) continue;
    ssize_t size = lgetxattr(name, sorted[i], value, sizeof value);
    printf(" %s=", sorted[i]);
    if (size > 0) print_hex(value, (size_t)size);
  }
}

static void print_entry(const char *path, size_t length, const char *name, const struct stat *status) {
  char target[8192];
  print_hex(path, length);
  printf(" %o %u:%u", status->st_mode, status->st_uid, status->st_gid);
  if (!S_ISDIR(status->st_mode)) printf(" time=%lld.%09ld links=%lu:%lu", (long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec, (unsigned long)status->st_nlink, (unsigned long)status->st_ino);
  if (S_ISREG(status->st_mode)) printf(" size=%lld hash=%016llx", (long long)status->st_size, (unsigned long long)hash_file(name));
  if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) printf(" device=%u:%u", major(status->st_rdev), minor(status->st_rdev));
  if (S_ISLNK(status->st_mode)) {
    ssize_t size = readlink(name, target, sizeof target);
    printf(" target=");
    if (size > 0) print_hex(target, (size_t)size);
  }
  print_xattrs(name);
  putchar('\n');
}

static char path[1 << 20];

/** Paths may be longer than the kernel takes, so it goes from directory to directory. */
static void scan(size_t length) {
  DIR *directory = opendir(".");
  if (!directory) return;
  for (struct dirent *child; (child = readdir(directory));) {
    struct stat status;
    if (!strcmp(child->d_name, ".") || !strcmp(child->d_name, "..") || lstat(child->d_name, &status) < 0) continue;
    if (S_ISSOCK(status.st_mode)) continue; // no layer can have one
    size_t size = strlen(child->d_name), end = length + (length > 0) + size;
    if (length > 0) path[length] = '/';
    memcpy(path + end - size, child->d_name, size);
    print_entry(path, end, child->d_name, &status);
    if (!S_ISDIR(status.st_mode) || chdir(child->d_name) < 0) continue;
    scan(end);
    if (fchdir(dirfd(directory)) < 0) exit(1);
  }
  closedir(directory);
}

int main(int count, char **words_given) {
  umask(022);
  if (count < 3 || chdir(words_given[count - 1]) < 0) return perror("file-probe"), 2;
  if (!strcmp(words_given[1], "apply") && count == 4) return apply(words_given[2]);
  scan(0);
  return 0;
}
