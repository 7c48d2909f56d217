/* world.h - what the mock plays: accounts, principals and instances, read from one JSON text
 *
 * Nothing about a world is known anywhere else: without a configuration the same reader reads
 * world_default. */
#ifndef APPLETS_METADATA_MOCK_WORLD_H
#define APPLETS_METADATA_MOCK_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "iam/policy.h"

#define WORLD_TEXT_MAX (16 * 1024 * 1024)

/* Texts are NUL-terminated and live as long as the world; NULL or "" where there is none. */

struct pair {
	const char *name, *value;
};

/* One document: as written, for printing, and as read. */
struct document {
	struct str text;
	struct iam_policy policy;
};

struct policies {
	struct document *at;
	const char **name;
	size_t n;
	bool given; /* an empty list says something else than none */
};

struct texts {
	const char **at;
	size_t n;
};

struct pairs {
	struct pair *at;
	size_t n;
};

struct access_key {
	const char *id, *secret;
	bool inactive;
};

struct keys_of_principal {
	struct access_key *at;
	size_t n;
};

struct account {
	const char *id, *partition, *organization;
	bool serial_console; /* EnableSerialConsoleAccess */
	struct policies scps;
};

/* What belongs to an account begins with a pointer to it. */

struct group {
	const struct account *account;
	const char *name;
	struct policies policies;
};

enum principal_kind { PRINCIPAL_ROOT, PRINCIPAL_USER, PRINCIPAL_ROLE };

struct principal {
	const struct account *account;
	enum principal_kind kind;
	const char *name, *path, *unique_id;
	const char *arn;
	struct keys_of_principal keys;
	struct texts groups; /* of a user */
	struct policies policies;
	struct document boundary; /* text empty: none */
	struct document trust;    /* of a role; text empty: everybody in the account whose policies
				     allow it */
	struct pairs tags;
};

enum instance_state {
	STATE_PENDING,
	STATE_RUNNING,
	STATE_SHUTTING_DOWN,
	STATE_TERMINATED,
	STATE_STOPPING,
	STATE_STOPPED
};

struct instance {
	const struct account *account;
	const char *id, *type, *image, *architecture;
	const char *region, *zone, *zone_id, *domain, *partition;
	const char *private_ip, *public_ip, *ipv6, *mac, *private_dns, *public_dns;
	const char *vpc, *vpc_cidr, *subnet, *subnet_cidr, *interface, *reservation, *kernel,
		*ramdisk;
	const char *launched; /* ISO time */
	const char *role;     /* name of its instance profile and role */
	const char *imds;     /* its own address of the metadata service */
	const char *life_cycle, *platform;
	const char *placement_group, *partition_number, *host_id; /* of placement/ */
	struct str user_data;
	struct texts security_groups;
	struct pairs public_keys, tags, block_devices;
	enum instance_state state;
	bool nitro, metadata_tags, imds_disabled, imds_ipv6, tokens_required, unavailable,
		serial_busy;
	int64_t hop_limit; /* of the answer with a token; 0: the system's own */
	int64_t launch_index;
};

/* An EC2 Instance Connect Endpoint. */
struct endpoint {
	const struct account *account;
	const char *id, *region, *vpc, *subnet, *state, *dns_name, *zone;
};

struct world {
	struct arena arena;
	size_t block_n; /* bytes of the mapping that holds the arena */
	struct str text;
	const char *name; /* of the file, for words */
	struct {
		struct account *at;
		size_t n;
	} accounts;
	struct {
		struct principal *at;
		size_t n;
	} principals;
	struct {
		struct group *at;
		size_t n;
	} groups;
	struct {
		struct instance *at;
		size_t n;
	} instances;
	struct {
		struct endpoint *at;
		size_t n;
	} endpoints;
};

extern const char world_default[];

/* Reads a world. name is for words and must outlive it; now is when instances without a launch time
 * were started. ERR_FORMAT: "NAME: line L, column C: what". A world that was read is closed by
 * world_close; w is unchanged on failure. */
int world_read(struct world *w, const char *name, struct str text, int64_t now) MUST_CHECK;
void world_close(struct world *w);
/* The same from a file; path NULL: the default world. */
int world_open(struct world *w, const char *path, int64_t now) MUST_CHECK;
/* n zeroed bytes in pages of their own, touched only when they are used; NULL: no memory. */
void *world_map(size_t n);

/* The effective world, every default filled in; secrets included. */
void world_print(const struct world *w, struct buf *out);

/* Lookups; NULL: none. */
const struct instance *world_instance(const struct world *w, struct str id);
const struct principal *world_principal(
	const struct world *w, const char *account, struct str kind, struct str name);
const struct access_key *world_key(
	const struct world *w, struct str id, const struct principal **owner);
const struct account *world_account(const struct world *w, struct str id);
const struct group *world_group(const struct world *w, const struct account *a, const char *name);

/* Appends the id of its security group i. */
void instance_group_id(const struct instance *in, size_t i, struct buf *out);
const char *instance_state_name(enum instance_state s);
int instance_state_code(enum instance_state s);
/* "aws" for us-east-1; domain is its DNS suffix. */
const char *partition_of(struct str region, const char **domain);

#endif
