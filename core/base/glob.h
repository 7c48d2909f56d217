/* glob.h - patterns of file names */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>

/* Whether the name of a file matches, as with fnmatch(3) and FNM_PERIOD, byte by byte: * ? [a-z]
 * [!a-z] and \ before a character that stands for itself; a dot in front only matches a dot. libc's
 * fnmatch brings wide characters, 17 KB. */
bool glob_match(const char *pattern, const char *name);

#endif
