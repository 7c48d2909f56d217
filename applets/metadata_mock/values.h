/* values.h - what the metadata tree says of an instance besides its texts */
#ifndef APPLETS_METADATA_MOCK_VALUES_H
#define APPLETS_METADATA_MOCK_VALUES_H

#include "mock.h"

enum value {
	VALUE_TEXT, /* none of these: the row's own text */
	VALUE_MONITORING,
	VALUE_DOCUMENT,
	VALUE_PKCS7,
	VALUE_SIGNATURE,
	VALUE_LAUNCH_INDEX,
	VALUE_DEVICE,
	VALUE_HISTORY,
	VALUE_SCHEDULED,
	VALUE_IAM_INFO,
	VALUE_ROLE_CREDENTIALS,
	VALUE_IDENTITY_INFO,
	VALUE_INSTANCE_CREDENTIALS,
	VALUE_ACTIVE_KEYS,
	VALUE_SIGNER_CERT,
	VALUE_STAPLE,
	VALUE_GROUPS,
	VALUE_GROUP_IDS,
	VALUE_ZONE,
	VALUE_PUBLIC_KEY,
	VALUE_HYPERVISOR,
	VALUE_TAG,
	VALUE_USER_DATA,
	/* from here on: only there when has_value says so */
	VALUE_IPV6_BLOCK,
	VALUE_REBALANCE,
	VALUE_SPOT_ACTION,
	VALUE_SPOT_TIME,
	VALUE_TARGET_STATE
};

/* Is it there at all? */
bool has_value(const struct imds_view *v, enum value which);
/* Appends it; v->arg is the name in the path. ERR_ABSENT when there is none of that name. */
int add_value(struct imds_view *v, enum value which, struct buf *out) MUST_CHECK;

/* Names in the place of a '*'. */
enum names {
	NAMES_DEVICES = 1,
	NAMES_ROLE,
	NAMES_USERS,
	NAMES_STAPLES,
	NAMES_MACS,
	NAMES_PUBLIC_IPS,
	NAMES_PUBLIC_KEYS,
	NAMES_TAGS
};

/* Appends them, a line each. */
void add_names(struct imds_view *v, enum names which, struct buf *out);

#endif
