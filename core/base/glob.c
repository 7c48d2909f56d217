/* glob.c - patterns of file names */
#include "base/glob.h"

#include <string.h>

/* The part of a pattern in brackets, behind "[": whether c is in it; *end is behind "]", or NULL
 * when there is none and "[" stands for itself. */
static bool in_brackets(const char *p, char c, const char **end)
{
	bool but = *p == '!' || *p == '^', found = false;
	const char *first = p + but;

	*end = NULL;
	for (p = first; *p && (*p != ']' || p == first); p++) {
		char from, to;

		p += *p == '\\' && p[1];
		from = to = *p;
		if (p[1] == '-' && p[2] && p[2] != ']') {
			p += 2;
			p += *p == '\\' && p[1];
			to = *p;
		}
		found = found ||
			((unsigned char)from <= (unsigned char)c &&
				(unsigned char)c <= (unsigned char)to);
	}
	if (*p)
		*end = p + 1;
	return found != but;
}

/* One character of the name against one part of the pattern, which *p then is behind. */
static bool match_one(const char **p, char c)
{
	const char *part = (*p)++, *end;
	bool found;

	if (!c)
		return false;
	if (*part == '?')
		return true;
	if (*part == '[') {
		found = in_brackets(part + 1, c, &end);
		if (end) {
			*p = end;
			return found;
		}
	}
	if (*part == '\\') {
		part = *p;
		*p += *part != 0;
	}
	return *part == c;
}

/* Of several stars only the last is tried again: what the ones before took is as good as any. */
bool glob_match(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	if (*name == '.' && *pattern != '.' && strncmp(pattern, "\\.", 2) != 0)
		return false;
	while (*pattern || *name) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = name;
			continue;
		}
		if (*pattern && match_one(&pattern, *name)) {
			name++;
			continue;
		}
		if (!star || !*retry)
			return false;
		pattern = star;
		name = ++retry;
	}
	return true;
}
