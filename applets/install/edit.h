/* edit.h - lines of ours in files of others, which keep their mode, owner and attributes */
#ifndef INSTALL_EDIT_H
#define INSTALL_EDIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

#define EDIT_BESIDE ".eicbox-new" /* new content is written under this name, in the same folder */

/* Writes a file, synced; an old one of that name is replaced. Mode, owner and extended attributes
 * are those of the file like, or mode when that is NULL. */
int edit_write(const char *path, struct str data, mode_t mode, const char *like) MUST_CHECK;

/* Puts data in front of what path holds (top) or behind it, by way of the file beside. Nothing to
 * do when it is there already. */
int edit_add(const char *path, const char *beside, struct str data, bool top) MUST_CHECK;

/* Takes it out again. When it was changed: the lines from its first to its last one (top), or the
 * line that has the same name up to the colon. Nothing to do when it is gone, or the file is. */
int edit_cut(const char *path, const char *beside, struct str data, bool top) MUST_CHECK;

bool edit_holds(const char *path, struct str data);

#endif
