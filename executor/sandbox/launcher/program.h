// What the launcher is told and what it answers, on the control socket (descriptor 3). A program is four bytes of length, little
// endian, then NUL-terminated words. Answers are records of three NUL-terminated words, `KIND NUMBER INDEX`:
//
//   child PID 0         the process of `clone`; sent only when the child waits in `sync`
//   unkept ERRNO 0      owners cannot be kept, and the step goes on without
//   error ERRNO INDEX   the operation number INDEX failed; nothing of the command ran
//   exit CODE 0         the command ended by itself
//   signal NUMBER 0     a signal ended it

#pragma once
#include <stddef.h>
#include <stdint.h>

#define CONTROL 3

/** The words that are not taken yet. */
extern char *next_word, *program_end;
/** Counts the operations of all programs. */
extern unsigned operation_index;

void report(const char *kind, long number, unsigned index);
/** Reports the error of the present operation, and ends the process. */
_Noreturn void fail(int error);

void read_fully(void *buffer, size_t length);
/** Reads the next program, of which no word is taken yet. */
void read_program(void);

char *take_bytes(size_t length);
char *take_word(void);
uint64_t take_number(void);
/** Takes a count and as many words. The list ends with NULL, as exec wants it. */
char **take_list(void);
