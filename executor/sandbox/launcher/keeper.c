// The keeper of owners: a process of the launcher's, outside of the step and with no way in for it, that has the step's root and
// the rights of its user namespace. The kernel holds a call that the step's filter names until the keeper has answered; what does
// not concern a file with a record, the kernel does itself.
//
// A path is resolved in the caller's own root, from its own directory, by this process, whose root is inside the step's: no
// symlink leads out. What a call said is read once. man 2 seccomp_unotify

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "owners.h"
#include "program.h"

// Where headers may be too old for them.
enum { NEW_LISTENER = 1 << 3, WAIT_KILLABLE = 1 << 5, SYNC_WAKE_UP = 1, NR_CLOSE_RANGE = 436 };
#define SET_FLAGS _IOW('!', 4, uint64_t)

#define PAGE 4096u

static int ends[2] = {-1, -1}, notes = -1, upper = -1;
static pid_t keeper = -1;

/** Until the step's filter is loaded, nobody knows what it needs: this connects its first process with who attends it. */
int do_keeper(void) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

int do_notes(void) {
  notes = open(take_word(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  upper = open(take_word(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  return notes < 0 || upper < 0 ? -1 : 0;
}

static int send_descriptors(int listener, struct owner plain) {
  union { struct cmsghdr header; char bytes[CMSG_SPACE(3 * sizeof(int))]; } space = {0};
  struct iovec text = {&plain, sizeof plain};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1, .msg_control = &space, .msg_controllen = sizeof space};
  int files[3] = {listener, notes, upper};
  space.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof files), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(&space.header), files, sizeof files);
  return sendmsg(ends[1], &message, 0) < 0 ? -1 : 0;
}

static int receive_descriptors(int files[3], struct owner *plain) {
  union { struct cmsghdr header; char bytes[CMSG_SPACE(3 * sizeof(int))]; } space = {0};
  struct iovec text = {plain, sizeof *plain};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1, .msg_control = &space, .msg_controllen = sizeof space};
  if (recvmsg(ends[0], &message, MSG_CMSG_CLOEXEC) != sizeof *plain || !CMSG_FIRSTHDR(&message)) return -1;
  memcpy(files, CMSG_DATA(&space.header), 3 * sizeof(int));
  return 0;
}

static long load_filter(struct sock_fprog *code, unsigned long flags) {
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, code);
}

/** Has the calls that a filter names answered by a keeper. Where that cannot be, it says so, and the step runs without one. */
int do_owners(void) {
  struct owner plain = {(uid_t)take_number(), 0};
  plain.gid = (gid_t)take_number();
  size_t length = take_number();
  struct sock_filter *filter = malloc(length);
  if (!filter) return -1;
  memcpy(filter, take_bytes(length), length);
  struct sock_fprog code = {.len = (unsigned short)(length / sizeof *filter), .filter = filter};
  long listener = load_filter(&code, NEW_LISTENER | WAIT_KILLABLE);
  if (listener < 0 && errno == EINVAL) listener = load_filter(&code, NEW_LISTENER); // before Linux 5.19
  if (listener < 0) return report("unkept", errno, 0), 0;
  return send_descriptors((int)listener, plain) < 0 ? -1 : close((int)listener);
}

int keeper_socket(void) {
  if (ends[1] >= 0) close(ends[1]);
  ends[1] = -1;
  return ends[0];
}

static int proc, listener, own_root;
static struct owner plain_owner;

/** Of the step: its files, as its root sees them, and all capabilities there. */
static int enter_step(int handle) {
  if (setns(handle, CLONE_NEWUSER | CLONE_NEWNS) == 0) return 0;
  return errno == EINVAL ? setns(handle, CLONE_NEWNS) : -1; // it may be in the user namespace already
}

/** Returns the length of the path without its NUL, or -1. */
static ssize_t read_path(pid_t pid, uint64_t address, char path[PAGE]) {
  for (size_t done = 0; done < PAGE;) {
    size_t left = PAGE - (address + done) % PAGE;
    struct iovec here = {path + done, left < PAGE - done ? left : PAGE - done}, there = {(void *)(uintptr_t)(address + done), here.iov_len};
    ssize_t count = process_vm_readv(pid, &here, 1, &there, 1, 0);
    if (count <= 0) return -1;
    char *end = memchr(path + done, 0, (size_t)count);
    if (end) return end - path;
    done += (size_t)count;
  }
  return -1;
}

static int open_of(pid_t pid, const char *what) {
  char name[64];
  snprintf(name, sizeof name, "%d/%s", pid, what);
  return openat(proc, name, O_PATH | O_CLOEXEC);
}

/** Takes a directory as the present one, and lets go of its descriptor. */
static int go_to(int directory) {
  int result = directory < 0 ? -1 : fchdir(directory);
  if (directory >= 0) close(directory);
  return result;
}

/** All callers have the step's root until one of them called chroot, or the like. */
static int roots_differ;

static int go_to_root(pid_t pid) {
  return roots_differ && (go_to(open_of(pid, "root")) < 0 || chroot(".") < 0) ? -1 : 0;
}

static int leave_root(void) {
  if (roots_differ && (fchdir(own_root) < 0 || chroot(".") < 0)) return -1;
  return fchdir(proc);
}

static int open_base(pid_t pid, int directory) {
  char name[32];
  if (directory == AT_FDCWD) return open_of(pid, "cwd");
  if (directory < 0) return -1;
  snprintf(name, sizeof name, "fd/%d", directory);
  return open_of(pid, name);
}

/** The quick answer for almost all files. The name goes through /proc, which is the present directory. */
static int is_without_record(pid_t pid, const struct owner_call *call, const char *path) {
  char base[32], name[PAGE + sizeof base];
  if (roots_differ) return 0;
  if (call->directory == AT_FDCWD) snprintf(base, sizeof base, "%d/cwd", pid);
  else snprintf(base, sizeof base, "%d/fd/%d", pid, call->directory);
  if (!*path) return has_no_record(base, 1);
  snprintf(name, sizeof name, "%s/%s", base, path);
  return has_no_record(*path == '/' ? path : name, !(call->flags & AT_SYMLINK_NOFOLLOW));
}

/** The file that the call is about, or -1. */
static int open_file(pid_t pid, const struct owner_call *call, const char *path) {
  if (!*path) return call->flags & AT_EMPTY_PATH ? open_base(pid, call->directory) : -1;
  if (go_to_root(pid) < 0) return -1;
  if (*path != '/' && go_to(open_base(pid, call->directory)) < 0) return -1;
  return open(path, O_PATH | O_CLOEXEC | (call->flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0));
}

static int is_waiting(uint64_t id) { return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0; }

static int may_change_owners(pid_t pid) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = pid};
  struct __user_cap_data_struct sets[2] = {0};
  return syscall(SYS_capget, &header, sets) == 0 && (sets[0].effective >> CAP_CHOWN & 1);
}

enum { LEAVE_TO_KERNEL = 1, ANOTHER_USER = 65534 };

static int is_plain(struct owner wanted) {
  return (wanted.uid == SAME_ID || wanted.uid == plain_owner.uid) && (wanted.gid == SAME_ID || wanted.gid == plain_owner.gid);
}

/** A file that is new in a directory with setgid has the directory's group, until somebody gives it another one. */
static gid_t inherited_group(int file) {
  char name[32], path[PAGE];
  struct stat status;
  struct owner owner = plain_owner;
  snprintf(name, sizeof name, "self/fd/%d", file);
  ssize_t length = readlinkat(proc, name, path, sizeof path - 1);
  if (length <= 0) return plain_owner.gid;
  path[length] = 0;
  char *slash = strrchr(path, '/');
  if (!slash) return plain_owner.gid;
  slash[slash == path] = 0;
  int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return plain_owner.gid;
  if (fstat(directory, &status) == 0 && status.st_mode & S_ISGID) read_record(directory, &owner);
  close(directory);
  return owner.gid;
}

/** The kernel's own change clears what a change of owner must clear, and says what forbids one. */
static int change_owner(const struct seccomp_notif *request, const struct owner_call *call, int file) {
  struct owner owner = plain_owner;
  int has_record = read_record(file, &owner);
  if (!may_change_owners((pid_t)request->pid)) return is_plain(call->wanted) && !has_record ? LEAVE_TO_KERNEL : -EPERM;
  uid_t uid = call->wanted.uid == SAME_ID ? SAME_ID : plain_owner.uid;
  gid_t gid = call->wanted.gid == SAME_ID ? SAME_ID : plain_owner.gid;
  if (!is_waiting(request->id)) return 0;
  if (fchownat(file, "", uid, gid, AT_EMPTY_PATH) < 0) return -errno;
  if (!has_record && call->wanted.gid == SAME_ID) owner.gid = inherited_group(file);
  if (call->wanted.uid != SAME_ID) owner.uid = call->wanted.uid;
  if (call->wanted.gid != SAME_ID) owner.gid = call->wanted.gid;
  return write_record(file, owner, plain_owner);
}

static int runs(pid_t pid, const char *beginning) {
  char name[32], program[64] = "";
  snprintf(name, sizeof name, "%d/exe", pid);
  return readlinkat(proc, name, program, sizeof program - 1) > 0 && !strncmp(program, beginning, strlen(beginning));
}

/**
 * apt downloads as a user of its own, who in a step with one id could be nobody but root. Its programs for that are told that they
 * are another user already, and apt itself that it was one when it tried. Other programs are told that they cannot.
 */
static int change_user(pid_t pid) { return runs(pid, "/usr/bin/apt") ? 0 : LEAVE_TO_KERNEL; }

static int tell_user(pid_t pid) { return runs(pid, "/usr/lib/apt/methods/") ? ANOTHER_USER : LEAVE_TO_KERNEL; }

static int answer(const struct seccomp_notif *request, uint64_t address, void *bytes, size_t length) {
  struct iovec here = {bytes, length}, there = {(void *)(uintptr_t)address, length};
  if (!is_waiting(request->id)) return 0;
  return process_vm_writev((pid_t)request->pid, &here, 1, &there, 1, 0) == (ssize_t)length ? 0 : -EFAULT;
}

static int tell_stat(const struct seccomp_notif *request, const struct owner_call *call, int file) {
  struct owner owner;
  struct stat status;
  if (!read_record(file, &owner)) return LEAVE_TO_KERNEL;
  if (syscall(SYS_newfstatat, file, "", &status, AT_EMPTY_PATH) < 0) return LEAVE_TO_KERNEL;
  status.st_uid = owner.uid, status.st_gid = owner.gid;
  return answer(request, call->answer, &status, sizeof status);
}

static int tell_statx(const struct seccomp_notif *request, const struct owner_call *call, int file) {
  struct owner owner;
  struct statx status;
  if (!read_record(file, &owner)) return LEAVE_TO_KERNEL;
  int flags = (call->flags & AT_STATX_SYNC_TYPE) | AT_EMPTY_PATH;
  if (syscall(SYS_statx, file, "", flags, call->fields, &status) < 0) return LEAVE_TO_KERNEL;
  status.stx_uid = owner.uid, status.stx_gid = owner.gid;
  return answer(request, call->answer, &status, sizeof status);
}

/** Returns what the call returns, a negative errno, or LEAVE_TO_KERNEL, as for what cannot be resolved: the kernel knows the right error. */
static int respond_to(const struct seccomp_notif *request) {
  struct owner_call call;
  char path[PAGE] = "";
  pid_t pid = (pid_t)request->pid;
  if (!decode_call(&request->data, &call)) return LEAVE_TO_KERNEL;
  if (call.kind == CHANGE_ROOT) return roots_differ = LEAVE_TO_KERNEL;
  if (call.kind == CHANGE_USER) return change_user(pid);
  if (call.kind == TELL_USER) return tell_user(pid);
  if (call.path && read_path(pid, call.path, path) < 0) return LEAVE_TO_KERNEL;
  if (call.kind != CHANGE_OWNER && is_without_record(pid, &call, path)) return LEAVE_TO_KERNEL;
  int file = open_file(pid, &call, path), result = LEAVE_TO_KERNEL;
  if (file >= 0) {
    if (call.kind == CHANGE_OWNER) result = change_owner(request, &call, file);
    else result = call.kind == TELL_STAT ? tell_stat(request, &call, file) : tell_statx(request, &call, file);
    close(file);
  }
  return leave_root() < 0 ? -EIO : result;
}

static _Noreturn void serve(int can_keep) {
  struct seccomp_notif_sizes sizes;
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0) _exit(1);
  struct seccomp_notif *request = malloc(sizes.seccomp_notif);
  struct seccomp_notif_resp *response = malloc(sizes.seccomp_notif_resp);
  if (!request || !response) _exit(1);
  for (;;) {
    memset(request, 0, sizes.seccomp_notif);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, request) < 0) {
      if (errno == EINTR || errno == ENOENT) continue; // the caller was killed meanwhile
      _exit(1);
    }
    int result = can_keep ? respond_to(request) : LEAVE_TO_KERNEL;
    memset(response, 0, sizes.seccomp_notif_resp);
    response->id = request->id;
    if (result == LEAVE_TO_KERNEL) response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else if (result > 0) response->val = result;
    else response->error = result;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response);
  }
}

/** Moves what is needed away from where everything else is closed: the step's streams and Node's must see their ends. */
static void close_all_but_own(int *files[], int count) {
  int first = 100;
  for (int i = 0; i < count; i++) {
    if (dup2(*files[i], first + i) < 0) _exit(1);
    *files[i] = first + i;
  }
  syscall(NR_CLOSE_RANGE, 0, first - 1, 0);
  syscall(NR_CLOSE_RANGE, first + count, ~0u, 0);
}

static _Noreturn void keep(pid_t launcher, int table, int changes, int handle) {
  uint64_t wake_up = SYNC_WAKE_UP;
  proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int can_keep = proc >= 0 && enter_step(handle) == 0;
  own_root = can_keep ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : table;
  if (!can_keep) report("unkept", errno, 0), proc = table;
  close_all_but_own((int *[]){&proc, &listener, &own_root, &table, &changes}, 5);
  prctl(PR_SET_PDEATHSIG, SIGKILL); // entering the namespaces has cleared it
  if (getppid() != launcher) _exit(1);
  umask(0);
  open_records(proc, table, changes);
  ioctl(listener, SET_FLAGS, wake_up); // since Linux 6.6: caller and keeper take turns on one processor
  if (can_keep && fchdir(proc) < 0) _exit(1);
  serve(can_keep);
}

void start_keeper(int handle) {
  int files[3];
  pid_t launcher = getpid();
  if (receive_descriptors(files, &plain_owner) < 0) return;
  listener = files[0];
  keeper = fork();
  if (keeper == 0) keep(launcher, files[1], files[2], handle);
  for (int i = 0; i < 3; i++) close(files[i]);
}

void end_keeper(void) {
  if (keeper <= 0) return;
  kill(keeper, SIGKILL);
  waitpid(keeper, NULL, 0);
  keeper = -1;
}
