/* rows.c - the lines of units and of files of the environment, those that belong together joined */
#include "applets/install/rows.h"

#include <string.h>

/* An odd number of backslashes. */
static bool goes_on(const char *from, const char *end)
{
	bool odd = false;

	while (end > from && *--end == '\\')
		odd = !odd;
	return odd;
}

bool rows_next(struct rows *t, struct str *row)
{
	char *from = NULL, *all = t->text->p + t->text->len;

	while (t->at < t->text->len) {
		char *line = t->text->p + t->at, *end = memchr(line, '\n', (size_t)(all - line));
		size_t n = (size_t)((end ? end : all) - line);
		struct str bare = str_trim((struct str){ line, n });
		bool comment = bare.n > 0 && (bare.p[0] == '#' || bare.p[0] == ';');

		t->at += n + (end != NULL);
		t->line++;
		if (comment) {
			memset(line, ' ', n + (end != NULL));
			continue;
		}
		if (!from)
			t->first = t->line;
		from = from ? from : line;
		*row = (struct str){ from, (size_t)(line + n - from) };
		if (!goes_on(line, line + n))
			return true;
		line[n - 1] = ' ';
		if (end)
			*end = ' ';
	}
	return from != NULL;
}
