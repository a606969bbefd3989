// The system calls that set or tell owners, by architecture, as one form.
// man 2 chown, man 2 stat, man 2 statx

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/audit.h>
#include <sys/syscall.h>
#include "owners.h"

/** How a call has its arguments. */
enum form { CHOWN, LCHOWN, FCHOWN, FCHOWNAT, CHOWN_16, LCHOWN_16, FCHOWN_16, STAT, LSTAT, FSTAT, FSTATAT, STATX, CHROOT, SETUID, GETUID };

struct known_call { int number; enum form form; };

static const struct known_call own_calls[] = {
#ifdef SYS_chown
  {SYS_chown, CHOWN}, {SYS_lchown, LCHOWN}, {SYS_stat, STAT}, {SYS_lstat, LSTAT},
#endif
  {SYS_chroot, CHROOT}, {SYS_pivot_root, CHROOT}, {SYS_setns, CHROOT},
  {SYS_setgroups, SETUID}, {SYS_setuid, SETUID}, {SYS_setgid, SETUID}, {SYS_setreuid, SETUID}, {SYS_setregid, SETUID},
  {SYS_setresuid, SETUID}, {SYS_setresgid, SETUID}, {SYS_getuid, GETUID}, {SYS_fchown, FCHOWN}, {SYS_fchownat, FCHOWNAT}, {SYS_fstat, FSTAT}, {SYS_newfstatat, FSTATAT}, {SYS_statx, STATX},
  {-1, CHOWN},
};

#ifdef __x86_64__
enum { OWN = AUDIT_ARCH_X86_64, NARROW = AUDIT_ARCH_I386, NARROW_FCHOWNAT = 298, NARROW_STATX = 383, NARROW_PIVOT = 217, NARROW_SETNS = 346 };
#else
enum { OWN = AUDIT_ARCH_AARCH64, NARROW = AUDIT_ARCH_ARM, NARROW_FCHOWNAT = 325, NARROW_STATX = 397, NARROW_PIVOT = 218, NARROW_SETNS = 375 };
#endif

/** Of programs of 32 bits. Their older calls for stat have other structures, and tell what is on the disk. */
static const struct known_call narrow_calls[] = {
  {182, CHOWN_16}, {16, LCHOWN_16}, {95, FCHOWN_16}, {212, CHOWN}, {198, LCHOWN}, {207, FCHOWN},
  {NARROW_FCHOWNAT, FCHOWNAT}, {NARROW_STATX, STATX}, {61, CHROOT}, {NARROW_PIVOT, CHROOT}, {NARROW_SETNS, CHROOT}, {-1, CHOWN},
};

static const struct known_call *find(const struct seccomp_data *data) {
  const struct known_call *call = data->arch == (uint32_t)OWN ? own_calls : data->arch == (uint32_t)NARROW ? narrow_calls : 0;
  while (call && call->number >= 0 && call->number != data->nr) call++;
  return call && call->number >= 0 ? call : 0;
}

static struct owner wide(uint64_t uid, uint64_t gid) { return (struct owner){(uid_t)uid, (gid_t)gid}; }

static uint32_t widened(uint64_t id) { return (uint16_t)id == 0xffff ? SAME_ID : (uint16_t)id; }

static struct owner narrow(uint64_t uid, uint64_t gid) { return (struct owner){widened(uid), widened(gid)}; }

int decode_call(const struct seccomp_data *data, struct owner_call *call) {
  const struct known_call *known = find(data);
  const __u64 *a = data->args;
  const int no_follow = AT_SYMLINK_NOFOLLOW, none = AT_EMPTY_PATH;
  if (!known) return 0;
  switch (known->form) {
    case CHOWN: *call = (struct owner_call){CHANGE_OWNER, AT_FDCWD, a[0], 0, wide(a[1], a[2]), 0, 0}; break;
    case LCHOWN: *call = (struct owner_call){CHANGE_OWNER, AT_FDCWD, a[0], no_follow, wide(a[1], a[2]), 0, 0}; break;
    case FCHOWN: *call = (struct owner_call){CHANGE_OWNER, (int)a[0], 0, none, wide(a[1], a[2]), 0, 0}; break;
    case FCHOWNAT: *call = (struct owner_call){CHANGE_OWNER, (int)a[0], a[1], (int)a[4], wide(a[2], a[3]), 0, 0}; break;
    case CHOWN_16: *call = (struct owner_call){CHANGE_OWNER, AT_FDCWD, a[0], 0, narrow(a[1], a[2]), 0, 0}; break;
    case LCHOWN_16: *call = (struct owner_call){CHANGE_OWNER, AT_FDCWD, a[0], no_follow, narrow(a[1], a[2]), 0, 0}; break;
    case FCHOWN_16: *call = (struct owner_call){CHANGE_OWNER, (int)a[0], 0, none, narrow(a[1], a[2]), 0, 0}; break;
    case STAT: *call = (struct owner_call){TELL_STAT, AT_FDCWD, a[0], 0, {0, 0}, a[1], 0}; break;
    case LSTAT: *call = (struct owner_call){TELL_STAT, AT_FDCWD, a[0], no_follow, {0, 0}, a[1], 0}; break;
    case FSTAT: *call = (struct owner_call){TELL_STAT, (int)a[0], 0, none, {0, 0}, a[1], 0}; break;
    case FSTATAT: *call = (struct owner_call){TELL_STAT, (int)a[0], a[1], (int)a[3], {0, 0}, a[2], 0}; break;
    case SETUID: *call = (struct owner_call){CHANGE_USER, AT_FDCWD, 0, 0, {0, 0}, 0, 0}; break;
    case GETUID: *call = (struct owner_call){TELL_USER, AT_FDCWD, 0, 0, {0, 0}, 0, 0}; break;
    case CHROOT: *call = (struct owner_call){CHANGE_ROOT, AT_FDCWD, 0, 0, {0, 0}, 0, 0}; break;
    case STATX: *call = (struct owner_call){TELL_STATX, (int)a[0], a[1], (int)a[2], {0, 0}, a[4], (unsigned)a[3]}; break;
  }
  return 1;
}
