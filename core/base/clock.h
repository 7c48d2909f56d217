/* clock.h - wall time, deadlines, and the ways in which times are written */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

int64_t clock_now(void);     /* seconds since 1970, UTC; only applets ask, core is told */
int64_t clock_mono_ms(void); /* milliseconds of a clock that nobody can set */

/* A moment of the monotonic clock after which nothing waits any more. */
struct deadline {
	int64_t at_ms; /* 0: never */
};

struct deadline deadline_in(int64_t ms); /* that many milliseconds from now */
struct deadline deadline_first(struct deadline a, struct deadline b);
bool deadline_passed(struct deadline d);
int deadline_left(struct deadline d); /* for poll(2): milliseconds; 0 passed, -1 never */

/* Writing. Years 0 to 9999. */
void clock_iso(struct buf *b, int64_t t);   /* 2015-08-30T12:36:00Z */
void clock_basic(struct buf *b, int64_t t); /* 20150830T123600Z, as SigV4 wants it */
void clock_http(struct buf *b, int64_t t);  /* Sun, 30 Aug 2015 12:36:00 GMT */

/* Reading. The whole of s or nothing. clock_read takes the ISO and the basic form, in the ISO one
 * also fractions of a second (dropped) and +hh:mm in place of Z; clock_read_http the IMF-fixdate of
 * RFC 9110. */
bool clock_read(struct str s, int64_t *t);
bool clock_read_http(struct str s, int64_t *t);

/* Seconds since 1970 of a UTC date; out-of-range fields are refused. */
bool clock_from_utc(int year, int month, int day, int hour, int minute, int second, int64_t *t);
void clock_to_utc(int64_t t, int fields[static 6]); /* the way back, in the same order */

#endif
