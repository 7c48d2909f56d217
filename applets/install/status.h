/* status.h - a table: what is set up, what takes effect, and what is wrong */
#ifndef INSTALL_STATUS_H
#define INSTALL_STATUS_H

#include "applets/install/journal.h"

/* Appends the table to out. Returns how many rows say that something is wrong. */
int status_table(struct buf *out, const struct journal *j, const char *binary);

#endif
