// Tries what escapes from containers need of the kernel, and prints the name of each thing that it could do. For the tests of
// the sandbox: inside of one, nothing may be printed.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int try_user_namespace(void) { return unshare(CLONE_NEWUSER); }
static int try_mount_namespace(void) { return unshare(CLONE_NEWNS); }
static int try_network_namespace(void) { return unshare(CLONE_NEWNET); }

static int try_clone_namespace(void) {
  long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  return child < 0 ? -1 : (waitpid((pid_t)child, NULL, 0), 0);
}

static int try_clone3_namespace(void) {
  unsigned long arguments[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
  long child = syscall(435, arguments, sizeof arguments);
  if (child == 0) _exit(0);
  return child < 0 ? -1 : (waitpid((pid_t)child, NULL, 0), 0);
}

static int try_mount(void) { return mount("none", "/tmp", "tmpfs", 0, NULL); }
static int try_fsopen(void) { return (int)syscall(430, "tmpfs", 0); }
static int try_open_tree(void) { return (int)syscall(428, AT_FDCWD, "/", 1); }
static int try_pivot_root(void) { return (int)syscall(SYS_pivot_root, "/", "/tmp"); }

static int try_release_agent(void) {
  mkdir("/tmp/cgroup", 0755);
  return mount("cgroup", "/tmp/cgroup", "cgroup", 0, "rdma");
}

static int try_write(const char *path) {
  int file = open(path, O_WRONLY);
  return file < 0 ? -1 : (int)write(file, "1", 1);
}

static int try_core_pattern(void) { return try_write("/proc/sys/kernel/core_pattern"); }
static int try_sysrq(void) { return try_write("/proc/sysrq-trigger"); }
static int try_uevent_helper(void) { return try_write("/sys/kernel/uevent_helper"); }
static int try_modprobe(void) { return try_write("/proc/sys/kernel/modprobe"); }
static int try_memory(void) { return open("/dev/mem", O_RDONLY); }
static int try_kernel_memory(void) { return open("/proc/kcore", O_RDONLY) < 0 ? -1 : lseek(open("/proc/kcore", O_RDONLY), 0, SEEK_END) > 4096 ? 0 : -1; }

/** A file handle of the root of a filesystem, as an old escape used it. */
static int try_file_handle(void) {
  struct { struct file_handle handle; unsigned char bytes[128]; } place;
  int mount_id;
  place.handle.handle_bytes = sizeof place.bytes;
  if (name_to_handle_at(AT_FDCWD, "/tmp", &place.handle, &mount_id, 0) < 0 && errno == EOPNOTSUPP) {
    place.handle.handle_bytes = 8, place.handle.handle_type = 1;
    memcpy(place.handle.f_handle, "\2\0\0\0\0\0\0", 8);
  }
  return open_by_handle_at(open("/", O_RDONLY), &place.handle, O_RDONLY);
}

static int try_node(dev_t device, mode_t type) {
  unlink("/tmp/node");
  if (mknod("/tmp/node", type | 0600, device) < 0) return -1;
  return open("/tmp/node", O_RDONLY);
}

static int try_disk(void) { return try_node(makedev(254, 0), S_IFBLK); }
static int try_memory_node(void) { return try_node(makedev(1, 1), S_IFCHR); }

/** Out of a chroot by a directory that was open before. */
static int try_chroot_breakout(void) {
  int root = open("/", O_RDONLY);
  struct stat before, after;
  mkdir("/tmp/jail", 0755);
  if (fstat(root, &before) < 0 || chroot("/tmp/jail") < 0 || fchdir(root) < 0) return -1;
  for (int i = 0; i < 100; i++) if (chdir("..") < 0) return -1;
  if (chroot(".") < 0 || stat("/", &after) < 0) return -1;
  return before.st_ino == after.st_ino && before.st_dev == after.st_dev ? -1 : 0;
}

static int try_keyring(void) { return (int)syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0); }
static int try_add_key(void) { return (int)syscall(SYS_add_key, "user", "name", "value", 5, KEY_SPEC_SESSION_KEYRING); }
static int try_bpf(void) { char attributes[128] = {0}; return (int)syscall(SYS_bpf, 5, attributes, sizeof attributes); }
static int try_userfaultfd(void) { return (int)syscall(SYS_userfaultfd, 0); }
static int try_io_uring(void) { char parameters[120] = {0}; return (int)syscall(425, 1, parameters); }
static int try_module(void) { return (int)syscall(SYS_init_module, "", 0, ""); }
static int try_kexec(void) { return (int)syscall(SYS_kexec_load, 0, 0, NULL, 0) < 0 && errno != EPERM ? -1 : errno == EPERM ? -1 : 0; }
static int try_reboot(void) { return (int)syscall(SYS_reboot, 0xfee1dead, 672274793, 0x0, NULL) < 0 && errno == EINVAL ? 0 : -1; }
static int try_raw_packets(void) { return socket(AF_ALG, SOCK_SEQPACKET, 0); }
static int try_vsock(void) { return socket(AF_VSOCK, SOCK_STREAM, 0); }
static int try_set_time(void) { struct timespec now; clock_gettime(CLOCK_REALTIME, &now); return clock_settime(CLOCK_REALTIME, &now); }
static int try_hostname(void) { return sethostname("escaped", 7); }
static int try_swap(void) { return (int)syscall(SYS_swapon, "/tmp/x", 0) < 0 && errno != EPERM ? 0 : -1; }
static int try_accounting(void) { return acct(NULL); }

static int try_perf(void) {
  struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event};
  return (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);
}

#define TRY(name) {#name, try_##name}
static const struct { const char *name; int (*run)(void); } tries[] = {
  TRY(user_namespace), TRY(mount_namespace), TRY(network_namespace), TRY(clone_namespace), TRY(clone3_namespace), TRY(mount),
  TRY(fsopen), TRY(open_tree), TRY(pivot_root), TRY(release_agent), TRY(core_pattern), TRY(sysrq), TRY(uevent_helper),
  TRY(modprobe), TRY(memory), TRY(kernel_memory), TRY(file_handle), TRY(disk), TRY(memory_node), TRY(chroot_breakout),
  TRY(keyring), TRY(add_key), TRY(bpf), TRY(userfaultfd), TRY(io_uring), TRY(module), TRY(kexec), TRY(reboot),
  TRY(raw_packets), TRY(vsock), TRY(set_time), TRY(hostname), TRY(swap), TRY(accounting), TRY(perf),
};

/** Each in a process of its own, so that none changes the next one's world. */
int main(void) {
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) _exit(tries[i].run() >= 0 ? 0 : 1);
    int status;
    if (waitpid(child, &status, 0) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) printf("%s\n", tries[i].name);
  }
  puts("done");
  return 0;
}
