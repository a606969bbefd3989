// Runs one command in a sandbox: namespaces, mounts, capabilities, seccomp, exec. All policy is in TypeScript; this file is
// only the system calls that Node cannot make. It does what a program says that comes from the control socket (program.h): a
// list of operations, each a name followed by its arguments (see operations[]).
//
// When the control socket's other end closes, everything in the sandbox is killed: that is how a build is cancelled, and
// why nothing survives it. Documentation: man 7 namespaces, man 2 pivot_root, man 2 seccomp, man 2 open_tree.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include "owners.h"
#include "program.h"

#define MAX_TREES 512
#define MAX_CGROUPS 16
#define RELAY_BYTES (1 << 16)

// The kernel's interface where libc's headers may be too old for it. These numbers are the same on every architecture.
enum { NR_OPEN_TREE = 428, NR_MOVE_MOUNT, NR_FSOPEN, NR_FSCONFIG, NR_FSMOUNT, NR_CLOSE_RANGE = 436, NR_MOUNT_SETATTR = 442 };
enum { TREE_CLONE = 1, TREE_RECURSIVE = 0x8000, TREE_EMPTY_PATH = 0x1000, MOVE_FROM_EMPTY_PATH = 4 };
enum { CONFIG_STRING = 1, CONFIG_CREATE = 6, JOIN_SESSION_KEYRING = 1, NEW_PIDFD = 0x1000 };

struct attributes { uint64_t set, clear, propagation, userns; };

static int trees[MAX_TREES];
static const char *cgroups[MAX_CGROUPS], *served[MAX_TREES];
static unsigned cgroup_count, served_count;
static int output[2][2] = {{-1, -1}, {-1, -1}}; // pipes of the command's stdout and stderr: read end, write end

static int do_write(void) {
  const char *path = take_word(), *text = take_word();
  int file = open(path, O_WRONLY | O_CLOEXEC);
  return file < 0 || write(file, text, strlen(text)) < 0 ? -1 : close(file);
}

static int do_mkdir(void) { const char *path = take_word(); return mkdir(path, (mode_t)take_number()); }
static int do_symlink(void) { const char *target = take_word(); return symlink(target, take_word()); }

/** Makes a file of the given bytes, whoever it belongs to. */
static int do_file(void) {
  const char *path = take_word();
  mode_t mode = (mode_t)take_number();
  uid_t uid = (uid_t)take_number();
  gid_t gid = (gid_t)take_number();
  size_t length = take_number();
  const char *bytes = take_bytes(length);
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 || write(file, bytes, length) != (ssize_t)length || fchown(file, uid, gid) < 0) return -1;
  return fchmod(file, mode) < 0 ? -1 : close(file);
}

static int do_mknod(void) {
  const char *path = take_word();
  mode_t mode = (mode_t)take_number();
  unsigned major = (unsigned)take_number(), minor = (unsigned)take_number();
  return mknod(path, mode, makedev(major, minor));
}

static int do_chdir(void) {
  char path[4096];
  if (chdir(take_word()) < 0) return -1;
  return getcwd(path, sizeof path) && *path == '/' ? 0 : -1; // a directory outside of the root is "(unreachable)"
}

/** Replaces the host's standard input by a file of the sandbox, so that no descriptor leads out of it. */
static int do_stdin(void) {
  int file = open(take_word(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  return dup2(file, STDIN_FILENO) < 0 ? -1 : close(file);
}

static int do_mount(void) {
  const char *source = take_word(), *target = take_word(), *type = take_word();
  unsigned long flags = (unsigned long)take_number();
  const char *data = take_word();
  return mount(source, target, *type ? type : NULL, flags, *data ? data : NULL);
}

static int clone_tree(const char *path) {
  return (int)syscall(NR_OPEN_TREE, AT_FDCWD, path, TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
}

/** Attributes have the values of mount flags: before Linux 5.12, the top mount alone gets them, after it is attached. */
static int attach_tree(int tree, const char *target, uint64_t attributes) {
  struct attributes change = {.set = attributes};
  int flags = (int)(TREE_EMPTY_PATH | TREE_RECURSIVE), old = 0;
  if (attributes && syscall(NR_MOUNT_SETATTR, tree, "", flags, &change, sizeof change) < 0) {
    if (errno != ENOSYS) return -1;
    old = 1;
  }
  if (syscall(NR_MOVE_MOUNT, tree, "", AT_FDCWD, target, MOVE_FROM_EMPTY_PATH) < 0) return -1;
  close(tree);
  return old ? mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | attributes, NULL) : 0;
}

static int *take_slot(void) {
  size_t slot = take_number();
  if (slot >= MAX_TREES) fail(E2BIG);
  return &trees[slot];
}

/** Takes hold of a file or directory of the host before the root changes. */
static int do_tree(void) { int *slot = take_slot(); return *slot = clone_tree(take_word()); }

/** Makes a mount that is nowhere yet. A user namespace may mount proc and sysfs only while it can see them elsewhere. */
static int do_filesystem(void) {
  int *slot = take_slot();
  const char *type = take_word();
  uint64_t attributes = take_number();
  int context = (int)syscall(NR_FSOPEN, type, 1);
  if (context < 0 || syscall(NR_FSCONFIG, context, CONFIG_STRING, "source", type, 0) < 0) return -1;
  if (syscall(NR_FSCONFIG, context, CONFIG_CREATE, NULL, NULL, 0) < 0) return -1;
  return *slot = (int)syscall(NR_FSMOUNT, context, 1, attributes);
}

static int do_attach(void) {
  int *slot = take_slot();
  const char *target = take_word();
  return attach_tree(*slot, target, take_number());
}

static int do_readonly(void) {
  const char *path = take_word();
  int tree = clone_tree(path);
  return tree < 0 ? (errno == ENOENT ? 0 : -1) : attach_tree(tree, path, MS_RDONLY);
}

/** Hides a file behind the null device and a directory behind an empty one. What isn't there needs no hiding. */
static int do_mask(void) {
  const char *path = take_word(), *null = take_word();
  struct stat status;
  if (stat(path, &status) < 0) return errno == ENOENT ? 0 : -1;
  if (S_ISDIR(status.st_mode)) return mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k,nr_inodes=2");
  return mount(null, path, NULL, MS_BIND, NULL);
}

static int do_umount(void) { return umount2(take_word(), MNT_DETACH); }
static int do_pivot(void) {
  if (chdir(take_word()) < 0) return -1;
  if (syscall(SYS_pivot_root, ".", ".") < 0) return -1; // the old root is now stacked on the new one
  return umount2(".", MNT_DETACH) < 0 ? -1 : chdir("/");
}

static int do_hostname(void) { const char *name = take_word(); return sethostname(name, strlen(name)); }
static int do_umask(void) { return umask((mode_t)take_number()), 0; }
/** Leaves the host's session keyring for a new one. */
static int do_keyring(void) { return (int)syscall(SYS_keyctl, JOIN_SESSION_KEYRING, NULL); }
static int do_nonewprivs(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

/** Leaves namespaces that the clone had to share. A cgroup namespace begins at the cgroup that its maker is in. */
static int do_unshare(void) { return unshare((int)take_number()); }

/** Tells of a cgroup of the step. Its caller removes it; when the caller is gone, the launcher does. */
static int do_cgroup(void) {
  if (cgroup_count == MAX_CGROUPS) return errno = E2BIG, -1;
  return cgroups[cgroup_count++] = take_word(), 0;
}

static int do_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int file = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return file < 0 || ioctl(file, SIOCSIFFLAGS, &request) < 0 ? -1 : close(file);
}

static int do_rlimit(void) {
  int resource = (int)take_number();
  rlim_t soft = take_number();
  struct rlimit limit = {.rlim_cur = soft, .rlim_max = take_number()};
  return setrlimit(resource, &limit);
}

static struct __user_cap_header_struct cap_header = {.version = _LINUX_CAPABILITY_VERSION_3};
static struct __user_cap_data_struct caps[2]; // low and high halves of each set

/** Limits what the command can ever gain to the capabilities of a mask. */
static int do_bounding(void) {
  uint64_t mask = take_number();
  for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++) {
    if (!(mask >> cap & 1) && prctl(PR_CAPBSET_DROP, cap) < 0) return -1;
  }
  return 0;
}

/** Keeps the capabilities of a mask; ambient and inheritable ones never. */
static int do_capabilities(void) {
  uint64_t mask = take_number();
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); // kernels before 4.3 have no ambient set
  if (syscall(SYS_capget, &cap_header, caps) < 0) return -1;
  for (int half = 0; half < 2; half++) {
    caps[half].effective = caps[half].permitted &= (uint32_t)(mask >> (32 * half));
    caps[half].inheritable = 0;
  }
  return (int)syscall(SYS_capset, &cap_header, caps);
}

/** Hands all permitted capabilities on through exec, to any user. */
static int do_ambient(void) {
  if (syscall(SYS_capget, &cap_header, caps) < 0) return -1;
  for (int half = 0; half < 2; half++) caps[half].effective = caps[half].inheritable = caps[half].permitted;
  if (syscall(SYS_capset, &cap_header, caps) < 0) return -1;
  for (int cap = 0; cap < 64; cap++) {
    if (caps[cap / 32].permitted >> (cap % 32) & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0) return -1;
  }
  return 0;
}

static int do_groups(void) {
  size_t count = take_number();
  gid_t groups[65536];
  if (count > sizeof groups / sizeof *groups) return errno = EINVAL, -1;
  for (size_t i = 0; i < count; i++) groups[i] = (gid_t)take_number();
  return setgroups(count, groups);
}

/** Becomes another user, who may open /dev/stdout and /dev/stderr by name. Capabilities are lost at exec, if at all. */
static int do_user(void) {
  uid_t uid = (uid_t)take_number();
  gid_t gid = (gid_t)take_number();
  for (int stream = 0; stream < 2; stream++) {
    if (output[stream][1] >= 0 && fchown(stream + 1, uid, gid) < 0) return -1;
  }
  if (prctl(PR_SET_KEEPCAPS, 1) < 0) return -1;
  if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0) return -1;
  return prctl(PR_SET_PDEATHSIG, SIGKILL); // a change of user clears it
}

static int do_seccomp(void) {
  size_t length = take_number();
  struct sock_filter *filter = malloc(length);
  if (!filter) return -1;
  memcpy(filter, take_bytes(length), length);
  struct sock_fprog code = {.len = (unsigned short)(length / sizeof *filter), .filter = filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &code);
}

/** The command's output goes through pipes: a socket, which Node gives, cannot be opened as /dev/stdout. */
static int do_pipes(void) { return pipe2(output[0], O_CLOEXEC) < 0 ? -1 : pipe2(output[1], O_CLOEXEC); }

/** Passes on what the command has written. Returns 0 when there is no more to come. */
static int relay(int stream) {
  ssize_t moved = splice(output[stream][0], NULL, stream + 1, NULL, RELAY_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  return moved > 0 || (moved < 0 && (errno == EAGAIN || errno == EINTR));
}

/** After the command's end: everything is in the pipes, but a writer that left the sandbox may hold them open. */
static void drain(int stream) {
  struct pollfd ready = {.fd = output[stream][0], .events = POLLIN};
  while (ready.fd >= 0 && poll(&ready, 1, 0) > 0 && relay(stream)) continue;
}

static volatile sig_atomic_t typed; // a signal that a terminal gave to all that are in its foreground, the launcher too

static void note_typed(int number) { typed = number; }

/** Whether the process catches or ignores a signal, by itself or because that cannot be told. man 5 proc_pid_status */
static int minds(pid_t process, int number) {
  char path[64], status[8192];
  snprintf(path, sizeof path, "/proc/%d/status", process);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, status, sizeof status - 1);
  if (file >= 0) close(file);
  if (length <= 0) return 1;
  status[length] = 0;
  char *ignored = strstr(status, "\nSigIgn:"), *caught = strstr(status, "\nSigCgt:");
  if (!ignored || !caught) return 1;
  return ((strtoull(ignored + 8, NULL, 16) | strtoull(caught + 8, NULL, 16)) >> (number - 1)) & 1;
}

/** The kernel keeps from the first process of a namespace what it has no handler for: it is ended all the same. */
static int end_as_typed(pid_t child) {
  int number = typed;
  typed = 0;
  if (number == 0 || minds(child, number)) return 0;
  kill(child, SIGKILL);
  return number;
}

/** Attends the command to its end. The kernel ends its process namespace with it, before it can be waited for. */
static void attend(pid_t child, int handle) {
  struct pollfd events[] = {
    {.fd = handle, .events = POLLIN}, {.fd = CONTROL, .events = POLLRDHUP},
    {.fd = output[0][0], .events = POLLIN}, {.fd = output[1][0], .events = POLLIN},
    {.fd = keeper_socket(), .events = POLLIN},
  };
  int ended_by = 0;
  while (!events[0].revents) {
    if (poll(events, 5, -1) < 0 && errno != EINTR) kill(child, SIGKILL);
    if (typed) ended_by = end_as_typed(child);
    if (events[1].revents) kill(child, SIGKILL), events[1].fd = -1;
    if (events[4].revents) start_keeper(handle), events[4].fd = -1;
    for (int stream = 0; stream < 2; stream++) {
      if (!events[stream + 2].revents || relay(stream)) continue;
      events[stream + 2].fd = -1;
      close(output[stream][0]);
      output[stream][0] = -1;
    }
  }
  end_keeper();
  drain(0);
  drain(1);
  siginfo_t end;
  if (waitid(P_PID, (id_t)child, &end, WEXITED) < 0) fail(errno);
  while (served_count > 0) umount2(served[--served_count], 0); // its server writes all that it holds back
  while (events[1].fd < 0 && cgroup_count > 0) rmdir(cgroups[--cgroup_count]);
  for (int stream = 0; stream < 2; stream++) close(stream + 1); // whoever hears of the end has read all that was said
  if (ended_by) report("signal", ended_by, 0);
  else report(end.si_code == CLD_EXITED ? "exit" : "signal", end.si_status, 0);
  _exit(0);
}

static int enter_child(void) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return -1;
  if (output[0][1] >= 0 && setsid() < 0) return -1; // on a terminal it stays in the session, for job control
  for (int stream = 0; stream < 2; stream++) {
    if (output[stream][1] >= 0 && dup2(output[stream][1], stream + 1) < 0) return -1;
  }
  return 0;
}

/** Goes on as the first process of new namespaces; the launcher attends it. After a second one, it attends in the first's. */
static int do_clone(void) {
  int handle = -1;
  unsigned long flags = (unsigned long)take_number() | NEW_PIDFD | SIGCHLD;
  long child = syscall(SYS_clone, flags, 0, &handle, 0, 0);
  if (child < 0) return -1;
  if (child == 0) return enter_child();
  if (!strcmp(next_word, "sync")) report("child", child, 0);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, note_typed);
  signal(SIGQUIT, note_typed);
  for (int stream = 0; stream < 2; stream++) {
    if (output[stream][1] >= 0) close(output[stream][1]);
  }
  attend((pid_t)child, handle);
  return 0;
}

/** Goes on with another program, which comes when Node knows what is to be run in the sandbox that was made so far. */
static int do_more(void) { return read_program(), 0; }

/** Waits for a byte from Node, which has by then written the identity maps of the new user namespace. */
static int do_sync(void) { char byte; return read_fully(&byte, 1), 0; }

static const char *search_path(char **env) {
  while (*env && strncmp(*env, "PATH=", 5)) env++;
  return *env ? *env + 5 : "";
}

/** Executes the program in the first directory of PATH that has it. A file without permission gives way to a later one. */
static int exec_in_path(char **args, char **env) {
  char path[4096];
  int error = ENOENT;
  for (const char *from = search_path(env); *from;) {
    size_t length = strcspn(from, ":");
    int size = snprintf(path, sizeof path, "%.*s/%s", (int)length, length ? from : ".", args[0]);
    if (size < (int)sizeof path) execve(path, args, env);
    if (size < (int)sizeof path && errno != ENOENT && errno != ENOTDIR) error = errno;
    if (error != ENOENT && error != EACCES) break;
    from += length + (from[length] == ':');
  }
  return errno = error, -1;
}

static int do_exec(void) {
  char **args = take_list(), **env = take_list();
  if (!args[0]) return errno = EINVAL, -1;
  return strchr(args[0], '/') ? execve(args[0], args, env) : exec_in_path(args, env);
}

/** Runs a program to its end, which must be a good one: it mounts a directory and goes on serving it in the background. */
static int do_serve(void) {
  const char *directory = take_word();
  char **args = take_list(), **env = take_list();
  int status;
  pid_t program = served_count < MAX_TREES ? fork() : -1;
  if (program == 0) execve(args[0], args, env), _exit(127);
  if (program < 0 || waitpid(program, &status, 0) < 0) return -1;
  if (status != 0) return errno = EIO, -1;
  return served[served_count++] = directory, 0;
}

static int ignore_failure;

/** The next operation may fail. */
static int do_try(void) { return ignore_failure = 1; }

static const struct operation {
  const char *name;
  int (*run)(void);
} operations[] = {
  {"try", do_try},           // (then the operation that may fail)
  {"pipes", do_pipes},       //
  {"clone", do_clone},       // FLAGS
  {"sync", do_sync},         //
  {"more", do_more},         // (then another program)
  {"cgroup", do_cgroup},     // PATH
  {"unshare", do_unshare},   // FLAGS
  {"write", do_write},       // PATH TEXT
  {"file", do_file},         // PATH MODE UID GID LENGTH, then as many bytes
  {"mkdir", do_mkdir},       // PATH MODE
  {"symlink", do_symlink},   // TARGET PATH
  {"mknod", do_mknod},       // PATH MODE MAJOR MINOR
  {"chdir", do_chdir},       // PATH
  {"stdin", do_stdin},       // PATH
  {"mount", do_mount},       // SOURCE TARGET TYPE FLAGS DATA
  {"umount", do_umount},     // PATH
  {"serve", do_serve},       // PATH COUNT ARGUMENT… COUNT NAME=VALUE…
  {"tree", do_tree},         // SLOT SOURCE
  {"filesystem", do_filesystem}, // SLOT TYPE ATTRIBUTES
  {"attach", do_attach},     // SLOT TARGET ATTRIBUTES
  {"readonly", do_readonly}, // PATH
  {"mask", do_mask},         // PATH NULLDEVICE
  {"pivot", do_pivot},       // DIRECTORY
  {"hostname", do_hostname}, // NAME
  {"loopback", do_loopback}, //
  {"rlimit", do_rlimit},     // RESOURCE SOFT HARD
  {"umask", do_umask},       // MODE
  {"keyring", do_keyring},   //
  {"keeper", do_keeper},     //
  {"notes", do_notes},       // PATH UPPER
  {"owners", do_owners},     // UID GID LENGTH, then as many bytes
  {"bounding", do_bounding}, // MASK
  {"capabilities", do_capabilities}, // MASK
  {"groups", do_groups},     // COUNT GID…
  {"user", do_user},         // UID GID
  {"ambient", do_ambient},   //
  {"nonewprivs", do_nonewprivs}, //
  {"seccomp", do_seccomp},   // LENGTH, then as many bytes
  {"exec", do_exec},         // COUNT ARGUMENT… COUNT NAME=VALUE…
};

static int run_operation(const char *name) {
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
    if (!strcmp(operations[i].name, name)) return operations[i].run();
  }
  return errno = ENOSYS, -1;
}

/** The command inherits no descriptor but 0, 1 and 2, whatever the caller left open. */
static void close_other_descriptors(void) {
  fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
  if (syscall(NR_CLOSE_RANGE, CONTROL + 1, ~0u, 0) == 0) return;
  long limit = sysconf(_SC_OPEN_MAX);
  for (int file = CONTROL + 1; file < limit; file++) close(file);
}

int launch(void) {
  close_other_descriptors();
  umask(0);
  read_program();
  for (; next_word < program_end; operation_index++) {
    int tolerant = ignore_failure;
    ignore_failure = 0;
    if (run_operation(take_word()) < 0 && !tolerant) fail(errno);
  }
  fail(EBADMSG); // a program ends with `exec`
}
