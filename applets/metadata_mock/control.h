/* control.h - the socket through which a running mock is given faults */
#ifndef APPLETS_METADATA_MOCK_CONTROL_H
#define APPLETS_METADATA_MOCK_CONTROL_H

#include "mock.h"

#define CONTROL_LINE_MAX 2048
#define CONTROL_REPLY_MAX 8192

/* Does what one line says (faults.c has the language). ERR_USAGE with words; what is to be read
 * goes to reply. */
int faults_command(struct faults *f, struct str line, struct buf *reply) MUST_CHECK;

/* The server's end: a 0600 socket that nobody but the owner can reach. A dead socket at path is
 * replaced. */
int control_open(struct mock *m, const char *path) MUST_CHECK;
void control_close(struct mock *m);

/* The client's: sends the words as one line, appends the answer. ERR_DENIED with the server's
 * words. */
int control_ask(const char *path, int n, char *const *words, struct buf *reply) MUST_CHECK;

#endif
