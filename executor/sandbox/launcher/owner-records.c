// Where owners are kept: in the attribute `user.tsbuild.owner` of a file or directory, as `UID:GID`, which goes with it through
// renames and copies of overlayfs. Symlinks and special files can have no such attribute: a table has theirs, by inode and time of
// birth. Each change of it is a line `INODE SECONDS NANOSECONDS UID GID` of the notes, from which Node packs the layer.
// man 7 xattr

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "owners.h"

#define ATTRIBUTE "user.tsbuild.owner"

struct row {
  uint64_t device, inode;
  int64_t seconds;
  uint32_t nanoseconds;
  int is_used;
  struct owner owner;
};

static int proc_directory, notes_file, upper_directory;
static struct row *rows; // open addressing; at most half of it is used
static size_t row_count, capacity;

/** The file by name, which calls on attributes want: relative to /proc, where this goes for it. */
static const char *name_of(int file) {
  static char name[32];
  snprintf(name, sizeof name, "self/fd/%d", file);
  return fchdir(proc_directory) < 0 ? NULL : name;
}

static int identify(int file, struct row *row) {
  struct statx status;
  if (statx(file, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &status) < 0) return -1;
  *row = (struct row){.device = (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor, .inode = status.stx_ino, .is_used = 1};
  if (status.stx_mask & STATX_BTIME) row->seconds = status.stx_btime.tv_sec, row->nanoseconds = status.stx_btime.tv_nsec;
  return 0;
}

static int is_same(const struct row *a, const struct row *b) {
  return a->inode == b->inode && a->device == b->device && a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

/** The file's own row, or the free one where it would be. */
static struct row *slot_of(const struct row *file) {
  size_t at = (size_t)(file->inode * 0x9e3779b97f4a7c15u >> 20) % capacity;
  while (rows[at].is_used && !is_same(&rows[at], file)) at = (at + 1) % capacity;
  return &rows[at];
}

static int grow(void) {
  struct row *old = rows;
  size_t count = capacity, larger = capacity ? 2 * capacity : 256;
  struct row *fresh = calloc(larger, sizeof *fresh);
  if (!fresh) return -1;
  rows = fresh, capacity = larger;
  for (size_t i = 0; i < count; i++) {
    if (old[i].is_used) *slot_of(&old[i]) = old[i];
  }
  free(old);
  return 0;
}

static int put_row(struct row *row, struct owner owner) {
  if (2 * row_count >= capacity && grow() < 0) return -1;
  row->owner = owner;
  struct row *slot = slot_of(row);
  row_count += !slot->is_used;
  *slot = *row;
  return 0;
}

/** An overlay may tell the inode that a file had in a lower layer, and Node reads the upper directory. */
static void identify_in_upper(int file, struct row *row) {
  char path[4096];
  const char *name = name_of(file);
  ssize_t length = name ? readlink(name, path, sizeof path - 1) : -1;
  if (length <= 1) return;
  path[length] = 0;
  struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
  int upper = (int)syscall(SYS_openat2, upper_directory, path + 1, &how, sizeof how);
  if (upper < 0) return; // it is on another mount
  identify(upper, row);
  close(upper);
}

static int add_row(int file, struct owner owner) {
  struct row row;
  char line[128];
  if (identify(file, &row) < 0 || put_row(&row, owner) < 0) return -errno;
  identify_in_upper(file, &row);
  int length = snprintf(line, sizeof line, "%llu %lld %u %u %u\n", (unsigned long long)row.inode, (long long)row.seconds,
                        row.nanoseconds, owner.uid, owner.gid);
  return write(notes_file, line, (size_t)length) == length ? 0 : -EIO;
}

/** When a file of a lower layer is copied up, its inode stays to be seen, and is no other file's; its time of birth does not. */
static struct row *without_birth(struct row *row) { return row->seconds = 0, row->nanoseconds = 0, row; }

/** Reads what is known of the layers below. */
static void read_known(FILE *notes) {
  char *line = NULL;
  size_t size = 0;
  for (ssize_t length; (length = getline(&line, &size, notes)) > 0;) {
    struct owner owner;
    struct row row;
    int path = 0;
    line[length - 1] = 0; // the newline
    if (sscanf(line, "- %u %u /%n", &owner.uid, &owner.gid, &path) < 2 || path == 0) continue;
    int file = open(line + path - 1, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) continue;
    if (identify(file, &row) == 0) put_row(without_birth(&row), owner);
    close(file);
  }
  free(line);
}

void open_records(int proc, int notes, int upper) {
  upper_directory = upper;
  proc_directory = proc;
  notes_file = notes;
  FILE *known = fdopen(dup(notes), "r");
  if (known) read_known(known), fclose(known);
}

static int find_row(int file, struct owner *owner) {
  struct row row;
  if (row_count == 0 || identify(file, &row) < 0) return 0;
  const struct row *slot = slot_of(&row);
  if (!slot->is_used) slot = slot_of(without_birth(&row));
  if (slot->is_used) *owner = slot->owner;
  return slot->is_used;
}

int has_no_record(const char *name, int follow) {
  char text[32];
  struct stat status;
  if ((follow ? getxattr(name, ATTRIBUTE, text, sizeof text) : lgetxattr(name, ATTRIBUTE, text, sizeof text)) >= 0) return 0;
  if (row_count == 0) return 1;
  if (errno == EOPNOTSUPP || fstatat(AT_FDCWD, name, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) return 0;
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode); // others may be in the table
}

int read_record(int file, struct owner *owner) {
  char text[32] = "";
  const char *name = name_of(file);
  ssize_t length = name ? getxattr(name, ATTRIBUTE, text, sizeof text - 1) : -1;
  if (length > 0 && sscanf(text, "%u:%u", &owner->uid, &owner->gid) == 2) return 1;
  return find_row(file, owner);
}

int write_record(int file, struct owner owner, struct owner plain) {
  char text[32];
  const char *name = name_of(file);
  int length = snprintf(text, sizeof text, "%u:%u", owner.uid, owner.gid);
  if (name && setxattr(name, ATTRIBUTE, text, (size_t)length, 0) == 0) return 0;
  if (errno != EPERM && errno != EOPNOTSUPP) return -errno;
  struct owner known;
  int is_plain = owner.uid == plain.uid && owner.gid == plain.gid;
  return is_plain && !find_row(file, &known) ? 0 : add_row(file, owner);
}
