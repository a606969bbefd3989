// Owners of files where the disk can have one user's only: what a step sets is kept beside the files, and shown to the step. A
// process outside of the step, the keeper, answers the system calls that set or tell owners. man 2 seccomp_unotify
//
//   owner-calls.c     what a call asks for, of which file
//   owner-records.c   where an owner is kept: an attribute of the file, or a table of files that can have none
//   keeper.c          the process: how it gets the calls, and what it answers

#pragma once
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/types.h>

struct owner { uid_t uid; gid_t gid; };

/** An id that a call leaves as it is. */
#define SAME_ID ((uid_t)-1)

enum call_kind { CHANGE_OWNER, TELL_STAT, TELL_STATX, CHANGE_ROOT, CHANGE_USER, TELL_USER };

struct owner_call {
  enum call_kind kind;
  /** Of the caller: a descriptor or AT_FDCWD, and the address of a path; 0 when the descriptor is the file. */
  int directory;
  uint64_t path;
  /** AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH and those of statx(2). */
  int flags;
  /** Of CHANGE_OWNER. */
  struct owner wanted;
  /** Of the others: the address that the answer goes to, and the fields that statx(2) is asked for. */
  uint64_t answer;
  unsigned fields;
};

/** False for calls that are not known. */
int decode_call(const struct seccomp_data *data, struct owner_call *call);

/**
 * @param proc the directory /proc, in which this process is
 * @param notes a file to append the table's lines to; lines `- UID GID PATH` in it are the owners of files of the layers below
 * @param upper the directory on the host in which the step's changes are
 */
void open_records(int proc, int notes, int upper);
/** True when a file of this name has none. The present directory is /proc. */
int has_no_record(const char *name, int follow);
/** Whether the file has a record. @param file a descriptor, as of O_PATH */
int read_record(int file, struct owner *owner);
/** Returns 0, or a negative errno. @param plain what a file is without a record */
int write_record(int file, struct owner owner, struct owner plain);

/** Descriptor that tells when a keeper is wanted; -1 where none will be. Called by who attends the step. */
int keeper_socket(void);
/** @param handle a pidfd of the step's first process */
void start_keeper(int handle);
void end_keeper(void);

/** Operations of the launcher's program: see operations[]. */
int do_keeper(void);
int do_notes(void);
int do_owners(void);
