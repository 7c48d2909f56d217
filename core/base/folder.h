/* folder.h - the entries of a folder, without a heap */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include "base/err.h"

#define FOLDER_ENTRIES_MAX 1024

/* Calls each with every name in the folder that fd has open for reading, until one is negative,
 * which is then the result. path is for the words. ERR_LIMIT when there are too many. */
int folder_each(int fd, const char *path, int (*each)(void *owner, int folder, const char *name),
	void *owner) MUST_CHECK;

#endif
