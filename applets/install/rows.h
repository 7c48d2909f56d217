/* rows.h - the lines of units and of files of the environment, those that belong together joined
 *
 * systemd.syntax(7): a backslash at the end of a line joins the next one; comments between them do
 * not count. */
#ifndef INSTALL_ROWS_H
#define INSTALL_ROWS_H

#include "base/buf.h"

/* The rows of a text, which is changed; zero but for the text at first. */
struct rows {
	struct buf *text;
	size_t at;
	unsigned line, first; /* the last line that was read, and the first of the row */
};

/* The next row; what joined its lines, and comments between them, has become blanks. */
bool rows_next(struct rows *t, struct str *row);

#endif
