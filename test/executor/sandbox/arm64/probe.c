// What a command sees of the sandbox that the launcher made, one line each.

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(int count, char **words) {
  struct utsname host;
  struct rlimit files;
  struct ifreq loopback = {.ifr_name = "lo"};
  char directory[256] = "", capabilities[64] = "";
  mode_t mask = umask(0);
  uname(&host);
  getrlimit(RLIMIT_NOFILE, &files);
  ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCGIFFLAGS, &loopback);
  FILE *status = fopen("/proc/self/status", "r");
  for (char line[256]; status && fgets(line, sizeof line, status);) sscanf(line, "CapBnd: %63s", capabilities);
  printf("%s %s %s\n", host.machine, host.nodename, getcwd(directory, sizeof directory));
  printf("uid %d gid %d groups %d umask %o\n", getuid(), getgid(), getgroups(0, NULL), mask);
  printf("files %lu loopback %s bounding %s\n", files.rlim_cur, loopback.ifr_flags & IFF_UP ? "up" : "down", capabilities);
  printf("%s %s\n", count > 1 ? words[1] : "", access("/of-the-lower", F_OK) == 0 ? "overlay" : "no overlay");
  return 7;
}
