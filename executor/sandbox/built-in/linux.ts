// Numbers of Linux's system call interface that the launcher's operations take.
// man 2 mount, man 2 clone, man 2 mount_setattr

export const MS_RDONLY = 0x1;
export const MS_NOSUID = 0x2;
export const MS_NODEV = 0x4;
export const MS_NOEXEC = 0x8;
export const MS_REMOUNT = 0x20;
export const MS_BIND = 0x1000;
export const MS_REC = 0x4000;
export const MS_PRIVATE = 0x40000;
export const MS_STRICTATIME = 0x1000000;

export const ATTRIBUTE_RDONLY = 0x1;
export const ATTRIBUTE_NOSUID = 0x2;
export const ATTRIBUTE_NODEV = 0x4;
export const ATTRIBUTE_NOEXEC = 0x8;

export const CLONE_NEWNS = 0x20000;
export const CLONE_NEWCGROUP = 0x2000000;
export const CLONE_NEWUTS = 0x4000000;
export const CLONE_NEWIPC = 0x8000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;

export const S_IFCHR = 0o020000;
export const S_IFREG = 0o100000;
