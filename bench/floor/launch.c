// The least that a confined step costs on this machine: what the kernel does for a process in namespaces of its own, on an overlay,
// with Docker's devices, hidden and read-only paths, capabilities, and a seccomp filter as long as Docker's; from its clone to its
// end, with its directories made and removed. Prints the median of COUNT such launches, in seconds.
//
//     launch COUNT ROOT DIRECTORY     ROOT holds /bin/busybox; DIRECTORY is empty
//     launch COUNT                    fork, exec and wait of /bin/true alone
//
// man 7 namespaces, man 2 pivot_root, man 2 seccomp

#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)
#define MOST 1000
#define CALLS 335

static void must(int result, const char *what) {
  if (result >= 0) return;
  perror(what);
  exit(1);
}

static void make(const char *parent, const char *name, char *path) {
  snprintf(path, 4096, "%s/%s", parent, name);
  must(mkdir(path, 0755), path);
}

static void make_devices(void) {
  static const struct { const char *path; int major, minor; } devices[] = {
    {"/dev/null", 1, 3}, {"/dev/zero", 1, 5}, {"/dev/full", 1, 7},
    {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
  };
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
    must(mknod(devices[i].path, S_IFCHR | 0666, makedev((unsigned)devices[i].major, (unsigned)devices[i].minor)), "mknod");
    must(mount(devices[i].path, devices[i].path, NULL, MS_BIND, NULL), "bind");
  }
}

/** What is not there on this machine needs no hiding. */
static void protect(void) {
  static const char *const hidden[] = {"/proc/interrupts", "/proc/keys", "/proc/timer_list"};
  static const char *const empty[] = {"/proc/acpi", "/sys/firmware"};
  static const char *const fixed[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"};
  for (size_t i = 0; i < 3; i++) mount("/dev/null", hidden[i], NULL, MS_BIND, NULL);
  for (size_t i = 0; i < 2; i++) mount("tmpfs", empty[i], "tmpfs", MS_RDONLY, "size=0k");
  for (size_t i = 0; i < 4; i++) {
    mount(fixed[i], fixed[i], NULL, MS_BIND, NULL);
    mount(NULL, fixed[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
  }
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
    if (capability > 13) prctl(PR_CAPBSET_DROP, capability);
}

/** What every container has, and no more. */
static void enter(const char *merged) {
  must(chdir(merged), "chdir");
  must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(umount2(".", MNT_DETACH), "umount");
  must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "proc");
  must(mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL), "sysfs");
  must(mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755"), "tmpfs");
  make_devices();
  must(mkdir("/dev/pts", 0755) | mkdir("/dev/shm", 0755) | mkdir("/dev/mqueue", 0755), "mkdir");
  must(mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666"), "devpts");
  must(mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "shm");
  must(mount("mqueue", "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mqueue");
}

/** One comparison for each of the system calls that Docker allows. */
static void filter(void) {
  static struct sock_filter code[2 * CALLS + 2] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}};
  for (unsigned call = 0; call < CALLS; call++) {
    code[2 * call + 1] = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call};
    code[2 * call + 2] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  }
  code[2 * CALLS + 1] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1};
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp");
}

static void command(const char *root, const char *directory) {
  char upper[4096], work[4096], merged[4096], options[3 * 4096 + 64];
  make(directory, "upper", upper);
  make(directory, "work", work);
  make(directory, "merged", merged);
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s,volatile", root, upper, work);
  must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
  must(mount("overlay", merged, "overlay", 0, options), "overlay");
  enter(merged);
  protect();
  filter();
  execl("/bin/busybox", "sh", "-c", "true", NULL);
  _exit(127);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int discard_one(const char *path, const struct stat *status, int type, struct FTW *place) {
  (void)status, (void)type, (void)place;
  return remove(path);
}

static void discard(const char *directory) { must(nftw(directory, discard_one, 8, FTW_DEPTH | FTW_PHYS), "remove"); }

static double launch(const char *root, const char *parent, int number) {
  char name[32], directory[4096];
  snprintf(name, sizeof name, "%d", number);
  if (root) make(parent, name, directory);
  double start = now();
  pid_t child = root ? (pid_t)syscall(SYS_clone, NAMESPACES | SIGCHLD, 0, 0, 0, 0) : fork();
  must(child, "clone");
  if (child == 0 && root) command(root, directory);
  if (child == 0) execl("/bin/true", "true", NULL), _exit(127);
  int status;
  must(waitpid(child, &status, 0), "waitpid");
  if (status != 0) exit(1);
  if (root) discard(directory);
  return now() - start;
}

static int ascending(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

int main(int words, char **word) {
  static double times[MOST];
  int count = words < 2 ? 0 : atoi(word[1]);
  if (count < 1 || count > MOST || words == 3) return 2;
  for (int i = 0; i < count; i++) times[i] = launch(words > 3 ? word[2] : NULL, word[3], i);
  qsort(times, (size_t)count, sizeof *times, ascending);
  printf("%f\n", times[count / 2]);
  return 0;
}
