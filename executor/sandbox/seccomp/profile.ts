// Docker's default seccomp profile as data: what is not named here fails with EPERM.
// https://docs.docker.com/engine/security/seccomp/ and https://github.com/moby/profiles/tree/main/seccomp

import type { Capability } from "../policy.js";

export interface Rule {
  readonly names: readonly string[];
  /** The call's error instead of success: an errno. @default none, the call is allowed */
  readonly errno?: number;
  /** Allowed only when one of these holds for an argument. */
  readonly when?: readonly ArgumentTest[];
  /** The rule holds when the step has one of these. */
  readonly capabilities?: readonly Capability[];
  /** The rule holds when the step has none of these. */
  readonly without?: readonly Capability[];
  readonly architectures?: readonly Architecture[];
  /** Oldest kernel: major and minor. */
  readonly kernel?: readonly [number, number];
}

export type Architecture = "x86_64" | "i386" | "aarch64" | "arm";

/** Compares one argument. Values are below 2^32; the comparison is of 64 bits. */
export type ArgumentTest =
  | { readonly index: number; readonly equals: number }
  | { readonly index: number; readonly below: number }
  /** No bit of the mask is set. */
  | { readonly index: number; readonly clear: number };

const words = (text: string): string[] => text.trim().split(/\s+/);

const ENOSYS = 38;

/** Flags of clone(2) for new namespaces. */
const NAMESPACES = 0x7e020000;

/** Personalities: Linux, with 32-bit addresses, with uname's 2.6, with both, and the query. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** Address families from 12 on that may be opened; below, all. AF_ALG (38) and AF_VSOCK (40) are not among them. */
const SOCKET_FAMILIES = [
  13, 14, 15, 16, 17, 18, 21, 22, 24, 26, 27, 28, 29, 30, 31, 32, 33, 35, 36, 39, 41, 42, 43, 44, 45,
];

const FILES = words(`
  access cachestat chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
  fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64
  fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate
  ftruncate64 futimesat getcwd getdents getdents64 getxattr getxattrat inotify_add_watch inotify_init inotify_init1
  inotify_rm_watch ioctl lchown lchown32 lgetxattr link linkat listmount listxattr listxattrat llistxattr _llseek
  lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2
  pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr removexattrat
  rename renameat renameat2 rmdir sendfile sendfile64 setxattr setxattrat splice stat stat64 statfs statfs64 statmount
  statx symlink symlinkat sync sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat
  utimensat_time64 utimes vmsplice write writev
`);

const MEMORY = words(`
  brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect
  mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages
`);

const PROCESSES = words(`
  capget capset execve execveat exit exit_group fork get_robust_list get_thread_area getcpu getegid getegid32 geteuid
  geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid getppid getpriority getrandom getresgid
  getresgid32 getresuid getresuid32 getrlimit getrusage getsid gettid getuid getuid32 ioprio_get ioprio_set kill
  landlock_add_rule landlock_create_ruleset landlock_restrict_self pidfd_open pidfd_send_signal prctl prlimit64
  restart_syscall riscv_hwprobe rseq sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
  sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr
  sched_setparam sched_setscheduler sched_yield seccomp set_robust_list set_thread_area set_tid_address setfsgid
  setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32 setresgid
  setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setuid setuid32 sysinfo tgkill tkill ugetrlimit
  uname uretprobe vfork wait4 waitid waitpid
`);

const SIGNALS_AND_TIME = words(`
  adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
  clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep pause rt_sigaction rt_sigpending
  rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo
  setitimer sigaltstack signalfd signalfd4 sigprocmask sigreturn time timer_create timer_delete timer_getoverrun
  timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64
  timerfd_settime timerfd_settime64 times
`);

const COMMUNICATION = words(`
  accept accept4 bind connect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
  epoll_wait_old eventfd eventfd2 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake getpeername
  getsockname getsockopt io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit ipc
  listen mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
  mq_unlink msgctl msgget msgrcv msgsnd _newselect pipe pipe2 poll ppoll ppoll_time64 pselect6 pselect6_time64 recv
  recvfrom recvmmsg recvmmsg_time64 recvmsg select semctl semget semop semtimedop semtimedop_time64 send sendmmsg sendmsg
  sendto setsockopt shmat shmctl shmdt shmget shutdown socketcall socketpair
`);

const ADMINISTRATION = words(`
  bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules
  lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
  sethostname setns syslog umount umount2 unshare
`);

const TRACING = ["process_vm_readv", "process_vm_writev", "ptrace"];

/** Of several rules for a call, the first that holds counts. */
export const DEFAULT_PROFILE: readonly Rule[] = [
  { names: [...FILES, ...MEMORY, ...PROCESSES, ...SIGNALS_AND_TIME, ...COMMUNICATION] },
  { names: TRACING, kernel: [4, 8] }, // before, ptrace could go around a filter
  { names: ["socket"], when: [{ index: 0, below: 12 }, ...SOCKET_FAMILIES.map((equals) => ({ index: 0, equals }))] },
  { names: ["personality"], when: PERSONALITIES.map((equals) => ({ index: 0, equals })) },
  { names: ["arch_prctl"], architectures: ["x86_64"] },
  { names: ["modify_ldt"], architectures: ["x86_64", "i386"] },
  {
    names: ["arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2", "breakpoint", "cacheflush", "set_tls"],
    architectures: ["arm", "aarch64"],
  },
  { names: ["open_by_handle_at"], capabilities: ["DAC_READ_SEARCH"] },
  { names: ADMINISTRATION, capabilities: ["SYS_ADMIN"] },
  { names: ["clone"], when: [{ index: 0, clear: NAMESPACES }], without: ["SYS_ADMIN"] },
  { names: ["clone3"], errno: ENOSYS, without: ["SYS_ADMIN"] }, // its flags are in memory; libc then falls back to clone
  { names: ["reboot"], capabilities: ["SYS_BOOT"] },
  { names: ["chroot"], capabilities: ["SYS_CHROOT"] },
  { names: ["delete_module", "init_module", "finit_module"], capabilities: ["SYS_MODULE"] },
  { names: ["acct"], capabilities: ["SYS_PACCT"] },
  { names: ["kcmp", "pidfd_getfd", "process_madvise", ...TRACING], capabilities: ["SYS_PTRACE"] },
  { names: ["iopl", "ioperm"], capabilities: ["SYS_RAWIO"] },
  { names: ["settimeofday", "stime", "clock_settime", "clock_settime64"], capabilities: ["SYS_TIME"] },
  { names: ["vhangup"], capabilities: ["SYS_TTY_CONFIG"] },
  { names: ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"], capabilities: ["SYS_NICE"] },
  { names: ["syslog"], capabilities: ["SYSLOG"] },
  { names: ["bpf"], capabilities: ["BPF"] },
  { names: ["perf_event_open"], capabilities: ["PERFMON"] },
];

export interface ProfileConditions {
  readonly capabilities: readonly Capability[];
  /** Major and minor version of the running kernel. */
  readonly kernel: readonly [number, number];
}

/** The rules that hold under the conditions, those for other architectures included. */
export function applicableRules({ capabilities, kernel }: ProfileConditions, profile = DEFAULT_PROFILE): Rule[] {
  const has = (name: Capability): boolean => capabilities.includes(name);
  return profile.filter((rule) => {
    if (rule.capabilities && !rule.capabilities.some(has)) return false;
    if (rule.without?.some(has)) return false;
    return !rule.kernel || kernel[0] > rule.kernel[0] || (kernel[0] === rule.kernel[0] && kernel[1] >= rule.kernel[1]);
  });
}
