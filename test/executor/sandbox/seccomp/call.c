// Makes one system call and prints the name of its error, or "ok": call [32|x32] NUMBER ARGUMENT…
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long call32(const long *a) {
#ifdef __x86_64__
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(a[0]), "b"(a[1]), "c"(a[2]), "d"(a[3]), "S"(a[4]), "D"(a[5]) : "memory", "r8", "r9", "r10", "r11");
  return result;
#else
  return -ENOSYS;
#endif
}

int main(int count, char **words) {
  int first = 1, narrow = 0;
  long x32 = 0, a[7] = {0};
  if (count > 1 && !strcmp(words[1], "32")) first = 2, narrow = 1;
  if (count > 1 && !strcmp(words[1], "x32")) first = 2, x32 = 0x40000000;
  for (int i = first; i < count && i - first < 7; i++) a[i - first] = (long)strtoull(words[i], NULL, 0);
  long result = narrow ? call32(a) : syscall(a[0] + x32, a[1], a[2], a[3], a[4], a[5], a[6]);
  puts(result >= 0 ? "ok" : strerrorname_np(narrow ? (int)-result : errno));
  return 0;
}
