/* keys.h - the condition keys that are known: their type, and the actions of EC2 Instance Connect
 * that send them
 * ("AWS global condition context keys"; "Actions, resources, and condition keys for EC2 Instance
 * Connect") */
#ifndef IAM_KEYS_H
#define IAM_KEYS_H

#include <stdbool.h>

#include "iam/policy.h"
#include "iam/request.h"

struct iam_key {
	const char *name; /* ending in / when a tag's key follows */
	uint8_t family;   /* IAM_STRING, IAM_NUMERIC, IAM_DATE, IAM_BOOL, IAM_IP or IAM_ARN */
	bool many;        /* may have several values */
	uint8_t actions;  /* bits 1 << enum iam_eic of those that send it; 0: global */
};

/* The key of that name, whatever its case; NULL when it is not known. */
const struct iam_key *iam_key_find(struct str name);

/* Whether a value can be what a key of that type has. */
bool iam_key_fits(const struct iam_key *k, struct str value);

const char *iam_family_words(uint8_t family); /* "a number" */

#endif
