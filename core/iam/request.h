/* request.h - who asks for what: the principal, the action, the resource, and what follows from
 * them */
#ifndef IAM_REQUEST_H
#define IAM_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "iam/context.h"
#include "iam/match.h"

#define IAM_ACTION_MAX 128

enum iam_who {
	IAM_ANONYMOUS,
	IAM_USER,
	IAM_ROLE,
	IAM_SESSION_OF_ROLE,
	IAM_FEDERATED,
	IAM_ROOT,
	IAM_SERVICE
};

/* All parts borrow from the ARN or the arena. */
struct iam_principal {
	enum iam_who who;
	struct str arn; /* as given */
	struct str partition, account;
	struct str name;     /* of the user, role, federated user or service, without path */
	struct str role_arn; /* of a role or its session; a session's ARN does not tell the role's
				path: then without */
};

/* "*" (anonymous), a service such as ec2.amazonaws.com, or the ARN of a user, role, role session,
 * federated user or account (root). ERR_USAGE with words, ERR_LIMIT when the arena is full. */
int principal_read(struct iam_principal *p, struct str arn, struct arena *a) MUST_CHECK;

/* The actions of EC2 Instance Connect. */
enum iam_eic { EIC_NONE, EIC_PUSH, EIC_SERIAL, EIC_TUNNEL };

struct iam_request {
	const struct iam_principal *principal;
	struct str action;                /* as it is shown */
	char action_form[IAM_ACTION_MAX]; /* for comparing */
	size_t action_n;
	enum iam_eic eic;
	struct str resource; /* an ARN, or "*" where the action knows no resources */
	struct arn arn;
	struct str account; /* that owns the resource */
	struct iam_context *context;
};

/* action: "push", "serial" and "tunnel" stand for those of EC2 Instance Connect; else service:Name.
 * account: "" takes the one of the ARN, or the principal's. ERR_USAGE with words when either is no
 * action or resource, or carries a wildcard. */
int request_set(struct iam_request *r, const struct iam_principal *principal, struct str action,
	struct str resource, struct str account, struct iam_context *context) MUST_CHECK;

/* Adds to the context what follows from the request and the time, and what is known to be absent.
 * Text is made in the arena. */
int request_derive(struct iam_request *r, int64_t now, struct arena *a) MUST_CHECK;

#endif
