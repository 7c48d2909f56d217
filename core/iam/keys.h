/* keys.h - the condition keys that are known: their type, and the actions of EC2 Instance Connect
 * that send them; and the actions without resources
 * ("AWS global condition context keys"; "Actions, resources, and condition keys for EC2 Instance
 * Connect") */
#ifndef IAM_KEYS_H
#define IAM_KEYS_H

#include <stdbool.h>

#include "iam/policy.h"
#include "iam/request.h"

enum {
	KEY_MANY = 1,   /* may have several values */
	KEY_ALWAYS = 2, /* every request has it */
};

struct iam_key {
	const char *name; /* ending in / when a tag's key follows */
	uint8_t family;   /* IAM_STRING, IAM_NUMERIC, IAM_DATE, IAM_BOOL, IAM_IP or IAM_ARN */
	uint8_t flags;    /* KEY_... */
	uint8_t actions;  /* bits 1 << enum iam_eic of those that send it; 0: global */
	uint16_t max;     /* a whole number from 1 to this; 0: no limit */
};

/* The key of that name, whatever its case; NULL when it is not known. */
const struct iam_key *iam_key_find(struct str name);

/* Whether a value can be what a key of that type has. */
bool iam_key_fits(const struct iam_key *k, struct str value);

/* Whether the action knows no resources, so that only "*" stands for what it acts on. */
bool iam_action_has_no_resources(struct str action);

const char *iam_family_words(uint8_t family); /* "a number" */

#endif
