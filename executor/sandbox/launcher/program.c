// Reads the launcher's programs, word by word, and writes its answers: program.h.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "program.h"

#define MAX_PROGRAM (64u << 20)

char *next_word, *program_end;
unsigned operation_index;

void report(const char *kind, long number, unsigned index) {
  char record[64];
  int length = snprintf(record, sizeof record, "%s%c%ld%c%u%c", kind, 0, number, 0, index, 0);
  while (send(CONTROL, record, (size_t)length, MSG_NOSIGNAL) < 0 && errno == EINTR) continue;
}

_Noreturn void fail(int error) {
  report("error", error, operation_index);
  _exit(1);
}

void read_fully(void *buffer, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t count = read(CONTROL, (char *)buffer + done, length - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(1); // whoever would read a report is gone
    done += (size_t)count;
  }
}

void read_program(void) {
  unsigned char header[4];
  read_fully(header, sizeof header);
  size_t length = header[0] | header[1] << 8 | header[2] << 16 | (size_t)header[3] << 24;
  if (length > MAX_PROGRAM || !(next_word = malloc(length))) fail(ENOMEM);
  read_fully(next_word, length);
  program_end = next_word + length;
}

char *take_bytes(size_t length) {
  if (length > (size_t)(program_end - next_word)) fail(EBADMSG);
  char *bytes = next_word;
  next_word += length;
  return bytes;
}

char *take_word(void) {
  size_t length = strnlen(next_word, (size_t)(program_end - next_word));
  return take_bytes(length + 1);
}

uint64_t take_number(void) { return strtoull(take_word(), NULL, 0); }

char **take_list(void) {
  size_t count = take_number();
  if (count > (size_t)(program_end - next_word)) fail(EBADMSG);
  char **list = calloc(count + 1, sizeof *list);
  if (!list) fail(ENOMEM);
  for (size_t i = 0; i < count; i++) list[i] = take_word();
  return list;
}
