/* scalar.h - the numbers, dates and addresses that conditions compare
 *
 * Each reader takes the whole of s or nothing ("Condition operators" in the IAM User Guide).
 */
#ifndef IAM_SCALAR_H
#define IAM_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* A decimal number of any length, kept as its digits: nothing is rounded. */
struct decimal {
	bool negative;
	struct str whole, fraction; /* without the zeros that mean nothing */
};
bool decimal_read(struct decimal *d, struct str s); /* [+-]digits[.digits]; no exponent, no
						       hexadecimal */
int decimal_compare(const struct decimal *a, const struct decimal *b); /* < 0, 0, > 0 */

struct moment {
	int64_t seconds; /* since 1970, UTC */
	uint32_t nanoseconds;
};
/* YYYY[-MM[-DD[Thh:mm[:ss[.s+]](Z|+hh:mm|-hh:mm)]]] or seconds since 1970; four digits are a year.
 */
bool moment_read(struct moment *m, struct str s);
int moment_compare(const struct moment *a, const struct moment *b);

struct network {
	uint8_t address[16];
	uint8_t prefix, bits; /* bits: 32 or 128, so the family */
};
/* An address, or with range set also ADDRESS/PREFIX; IPv6 in every spelling. */
bool network_read(struct network *n, struct str s, bool range);
bool network_has(const struct network *n, const struct network *address); /* families never match
									     each other */

#endif
