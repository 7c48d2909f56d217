/* edit.h - lines of ours in files of others, which keep their mode, owner and attributes */
#ifndef INSTALL_EDIT_H
#define INSTALL_EDIT_H

#include "applets/install/root.h"
#include "base/str.h"

#define EDIT_BESIDE ".eicbox-new" /* new content is written under this name, in the same folder */

/* Writes the file EDIT_BESIDE in the folder of a place, synced; an old one is replaced. Mode, owner
 * and extended attributes are those of the file that like has open, or mode when that is -1. */
int edit_write(const struct place *p, struct str data, mode_t mode, int like) MUST_CHECK;

/* Puts data in front of what the file holds (top) or behind it. Nothing to do when it is there
 * already. A file with several names loses this one, which is told. */
int edit_add(const struct place *p, struct str data, bool top) MUST_CHECK;

/* Takes it out again. When it was changed: the lines from its first to its last one (top), or the
 * line that has the same name up to the colon. Nothing to do when it is gone, or the file is. */
int edit_cut(const struct place *p, struct str data, bool top) MUST_CHECK;

bool edit_holds(const struct place *p, struct str data);

#endif
