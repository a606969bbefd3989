// Launchers ahead of time: `tsbuild-launcher standby COUNT` is started once for many steps, and forks a launcher for each, which
// takes a process as large as Node milliseconds. Its descriptors from 3 on are COUNT slots of three: a control socket, and
// what the command's stdout and stderr go to. The first byte on a control socket asks for a launcher. It ends when each slot
// was used, or given up by closing its control socket.

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** Reads a program from descriptor 3 and does what it says: launcher.c. */
int launch(void);

#define FIRST 3
#define MAX_SLOTS 64

/** The descriptors of a launcher that was started by itself: 1, 2 and 3. It closes all others. */
static void become_launcher(int control) {
  signal(SIGCHLD, SIG_DFL);
  setsid();
  if (dup2(control + 1, 1) < 0 || dup2(control + 2, 2) < 0 || dup2(control, 3) < 0) _exit(1);
}

static int is_asked(int control) {
  char byte;
  return recv(control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/** Forks a launcher for each slot that asks for one. Returns in the launchers. */
static void stand_by(int count) {
  struct pollfd controls[MAX_SLOTS];
  if (count < 1 || count > MAX_SLOTS) _exit(2);
  for (int i = 0; i < count; i++) controls[i] = (struct pollfd){.fd = FIRST + 3 * i, .events = POLLIN};
  signal(SIGCHLD, SIG_IGN); // nobody waits for the launchers
  for (int left = count; left > 0;) {
    if (poll(controls, (nfds_t)count, -1) < 0) continue;
    for (int i = 0; i < count; i++) {
      int control = controls[i].fd;
      if (control < 0 || !controls[i].revents) continue;
      if (is_asked(control) && fork() == 0) {
        become_launcher(control);
        return;
      }
      for (int file = control; file < control + 3; file++) close(file);
      controls[i].fd = -1;
      left--;
    }
  }
  _exit(0);
}

int main(int count, char **words) {
  if (count == 3 && !strcmp(words[1], "standby")) stand_by(atoi(words[2]));
  return launch();
}
