/* mock.h - one running metadata-mock, and what its files offer each other */
#ifndef APPLETS_METADATA_MOCK_MOCK_H
#define APPLETS_METADATA_MOCK_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/opt.h"
#include "crypto/cert.h"
#include "crypto/pk.h"
#include "crypto/sigv4.h"
#include "eic/limits.h"
#include "net/serve.h"

#include "world.h"

#define UUID_TEXT 37 /* with NUL */
#define ARN_MAX 512

/* --- faults.c: what goes wrong on purpose --- */

#define FAULT_RULES_MAX 32

/* For requests whose path (or action, for the APIs) begins with prefix. */
struct fault_rule {
	char prefix[128];
	char error[64]; /* of an API: the failure's name in JSON; "": none */
	int status;     /* 0: as usual */
	int64_t delay_ms;
	bool drop, garbage;
	size_t cut;
	long times;                /* still to be applied; -1: for ever */
	unsigned long every, seen; /* applied to each every-th request; 0: to all */
};

enum staple_fault { STAPLE_GOOD, STAPLE_REVOKED, STAPLE_UNKNOWN, STAPLE_MISSING, STAPLE_STALE };

struct faults {
	unsigned generation; /* grows with every change */
	struct fault_rule rules[FAULT_RULES_MAX];
	size_t n_rules;
	bool wrong_salt, wrong_signer, expired_leaf, sha256_names, local_zone;
	char leaf_name[256];  /* in place of the right one */
	unsigned staple;      /* enum staple_fault */
	int64_t clock_offset; /* seconds */
	unsigned throttle;    /* pushes a second; 0: any number */
	int64_t throttle_second;
	unsigned throttle_used;
};

/* The rule for this path or action (api), counted as applied; NULL: none. */
const struct fault_rule *faults_take(struct faults *f, struct str path, bool api);
/* What the rule says of an answer that is complete; rule NULL: nothing. */
void faults_apply(const struct fault_rule *rule, struct serve_answer *a);

/* --- keys.c: what was pushed and still lives --- */

#define KEYS_MAX 2048    /* in all */
#define KEYS_USER_MAX 64 /* for one user of one instance: so that an answer has a limit */
#define KEY_LINE_MAX 800 /* an RSA-4096 key */

struct live_key {
	struct live_key *next; /* by expiry, or free */
	const struct instance *instance;
	int64_t expiry;
	size_t signature_n;    /* 0: not signed yet */
	unsigned signed_under; /* faults.generation */
	char user[40], caller[ARN_MAX], request[UUID_TEXT], line[KEY_LINE_MAX];
	unsigned char signature[PK_SIGNATURE_MAX];
};

struct keys {
	struct live_key *table, *first, *last, *free;
	size_t used; /* of the table, ever */
	size_t n;
};

/* table: KEYS_MAX zeroed entries. */
void keys_open(struct keys *k, struct live_key *table);
void keys_expire(struct keys *k, int64_t now);
/* The entry to be filled in; NULL: too many. */
struct live_key *keys_add(
	struct keys *k, const struct instance *in, struct str user, int64_t expiry);
/* The next one of this instance behind at (NULL: the first); user empty: any. */
struct live_key *keys_next(const struct keys *k, const struct live_key *at,
	const struct instance *in, struct str user);
/* After a reload: instances are found again by id, keys of those that are gone are dropped. */
void keys_move(struct keys *k, const struct world *to);

/* --- state.c: keys and certificates that outlive the process --- */

struct authority {
	struct pk root_key, intermediate_key, signer_key;
	struct certs chain;   /* 0 root, 1 intermediate */
	int64_t since, until; /* when both are valid */
	unsigned issue;       /* grows with each time that certificates are issued; 0: never */
	char pem[8192];       /* of the root */
	size_t pem_n;
};

/* Reads them from the directory, or makes them and writes them there, one process at a time; dir
 * NULL: makes them and keeps them in memory. Certificates of which less than a third is left are
 * issued again for the same keys. */
int authority_open(struct authority *a, const char *dir, int64_t now) MUST_CHECK;
/* The same later on: 1 when they were issued again, 0 when that is not due. After a failure to
 * write them they are good all the same. */
int authority_renew(struct authority *a, const char *dir, int64_t now) MUST_CHECK;
void authority_close(struct authority *a);

/* --- creds.c: temporary credentials, which nobody has to remember: the token says everything, and
 * is sealed --- */

#define TOKEN_MAX 4096
#define SESSION_POLICY_MAX 2048

enum session_kind { SESSION_ROLE = 'R', SESSION_INSTANCE_ROLE = 'I', SESSION_INSTANCE = 'E' };

struct session {
	enum session_kind kind;
	char account[16], role[130], name[130]; /* of a role's session */
	int64_t issued, expiry;
	struct str policy; /* a session policy; borrowed */
};

struct temporary {
	char id[21], secret[41], token[TOKEN_MAX];
	char text[TOKEN_MAX]; /* what token says; session.policy of creds_read lies in it */
};

struct mock;
/* 0, or ERR_LIMIT when the policy is too long. */
int creds_make(const struct mock *m, const struct session *s, struct temporary *out) MUST_CHECK;
/* ERR_DENIED: not made by us. The expiry is the caller's to judge. */
int creds_read(const struct mock *m, struct str token, struct session *s,
	struct temporary *out) MUST_CHECK;
/* The credentials of the instance's role (or of the instance itself), the same for an hour. */
int creds_of_instance(const struct mock *m, const struct instance *in, bool role, int64_t now,
	struct session *s, struct temporary *out) MUST_CHECK;

/* --- signer.c: the certificates and staples of managed-ssh-keys, and signatures --- */

struct signer;

size_t signer_size(void);
void signer_open(struct signer *s, const struct authority *a, const struct faults *f);
void signer_close(struct signer *s);
/* The chain of that region as PEM, and its staples. Borrowed until the next call. ERR_*: words. */
int signer_chain(
	struct signer *s, const struct instance *in, int64_t now, struct str *pem) MUST_CHECK;
/* Appends the names of the staples, a line each. */
int signer_names(
	struct signer *s, const struct instance *in, int64_t now, struct buf *out) MUST_CHECK;
/* Appends base64 of the staple of that name; ERR_ABSENT. */
int signer_staple(struct signer *s, const struct instance *in, int64_t now, struct str name,
	struct buf *out) MUST_CHECK;
/* Appends the key's signed block. */
int signer_block(struct signer *s, struct live_key *k, struct buf *out) MUST_CHECK;
/* A signature of the identity document, base64: PKCS#7 with the document in it, or RSA with SHA-256
 * alone. */
enum document_signature { DOCUMENT_PLAIN, DOCUMENT_PKCS7 };
int signer_document(struct signer *s, enum document_signature kind, struct str document,
	struct buf *out) MUST_CHECK;

/* --- trail.c: CloudTrail --- */

struct call;
struct trail {
	const char *file, *dir;
};
/* Can it be written? Makes what is missing. 0, ERR_SYSTEM, ERR_ABSENT, ERR_USAGE. */
int trail_check(const struct trail *t) MUST_CHECK;
void trail_record(const struct trail *t, const struct call *c);

/* --- what happens to instances --- */

struct events {
	const char *spot_action, *event_code, *event_state, *asg_state;     /* NULL: nothing */
	int64_t spot_time, rebalance_time, not_before, not_after, deadline; /* 0: nothing */
	int64_t visible_at;                                                 /* --delay */
};

/* --- the whole --- */

#define MOCK_CONNECTIONS 1024
#define MOCK_LISTEN "127.0.0.1:1338" /* unless the command line says where */

enum { SERVES_IMDS = 1, SERVES_API = 2, SERVES_TLS = 4 };

struct listener {
	int serves;
	const struct instance *instance; /* NULL: the first of the world */
	const struct instance *next;     /* of the world that takes over; NULL: none */
	struct sock_address asked;       /* not what port 0 became */
};

struct mock {
	struct serve *serve;
	struct world world;
	struct keys keys;
	struct authority authority;
	struct signer *signer;
	struct trail trail;
	struct faults faults;
	struct events events;
	struct listener listeners[SERVE_LISTENERS_MAX];
	char api_url[80], imds_url[80]; /* where both are found first; "": nowhere */
	unsigned char secret[32];       /* of tokens and temporary credentials */
	int64_t key_ttl;
	bool tokens_required; /* --imdsv2-only */
	bool smithy_statuses; /* --status smithy */
	bool loose_v1;        /* --v1-ignores-token */
	bool verbose, expose;
	const char *config;         /* path of the world; NULL: the default one */
	const char *state, *ca_out; /* NULL: not written */
	int control_fd;
	const char *control_path;     /* NULL: none */
	const struct opt_list *hosts; /* names that may stand in Host */
};

int64_t mock_now(const struct mock *m);
/* What has lapsed goes or is renewed: pushed keys, certificates. */
void mock_refresh(struct mock *m);
/* lower-case version 4 UUID with NUL */
void mock_uuid(char out[static UUID_TEXT]);

/* tls.c: listeners that speak TLS */
extern const struct serve_carrier tls_carrier;
/* A certificate for the mock's listeners, again when the authority has a new issue. */
int tls_listener_open(const struct mock *m) MUST_CHECK;
void tls_listener_close(void);

/* listen.c: opens what the options and the instances ask for; appends the URLs. */
struct options;
int listen_all(struct mock *m, const struct options *o, struct buf *urls) MUST_CHECK;
/* Before another world takes over: opens what its instances need in addition. A failure leaves
 * everything as it was. */
int listeners_plan(struct mock *m, const struct world *to) MUST_CHECK;
/* What was planned happens: who is still at its address keeps its listener, an address that another
 * instance has now goes to that one, and the others go. */
int listeners_move(struct mock *m) MUST_CHECK;

/* route.c: one request, to the part that it is for */
void mock_handle(void *owner, const struct serve_request *rq, struct serve_answer *a);

/* imds.c: everything that is asked of the metadata service */
void imds_handle(struct mock *m, const struct instance *in, const struct serve_request *rq,
	struct serve_answer *a);
/* Before a world is closed: what was remembered of its instances goes. */
void imds_forget(void);

/* tree.c: the values. version is an index of versions[]. ERR_ABSENT: no such path. */
struct imds_view {
	struct mock *m;
	const struct instance *in;
	int64_t now;
	unsigned version;
	struct str arg; /* what stood where the table has a '*' */
};
extern const char *const imds_versions[];
extern const size_t imds_versions_count;
int tree_get(struct imds_view *v, struct str path, struct buf *out, const char **type) MUST_CHECK;

/* service.c: everything that is asked of the APIs */
void service_handle(struct mock *m, const struct serve_request *rq, struct serve_answer *a);

#endif
