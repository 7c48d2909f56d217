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
	struct str name; /* of the user, role (also a session's), federated user or service,
			    without path */
};

/* "*" (anonymous), a service such as ec2.amazonaws.com, or the ARN of a user, role, role session,
 * federated user or account (root). ERR_USAGE with words. */
int principal_read(struct iam_principal *p, struct str arn) MUST_CHECK;

/* Whether the ARN can be that of the role whose session p is: the path of a role does not stand in
 * the ARN of its sessions. */
bool principal_may_be_role(const struct iam_principal *p, struct str arn);

/* The actions of EC2 Instance Connect. */
enum iam_eic { EIC_NONE, EIC_PUSH, EIC_SERIAL, EIC_TUNNEL };

struct iam_statement;

struct iam_request {
	const struct iam_principal *principal;
	struct str action;                /* as it is shown */
	char action_form[IAM_ACTION_MAX]; /* for comparing */
	size_t action_n;
	enum iam_eic eic;
	struct str resource; /* an ARN, or "*" where the action knows no resources */
	struct arn arn;
	struct str region;                /* of the ARN that was given */
	struct str account;               /* that owns the resource */
	bool through_endpoint;            /* of a VPC */
	const struct iam_statement *only; /* of all Allows, for what-if; NULL: all count */
	struct iam_context *context;
	struct arena *room; /* to try out what is unknown; NULL: not tried */
};

/* action: "push", "serial" and "tunnel" stand for those of EC2 Instance Connect; else service:Name.
 * resource: an ARN or "*", which has no tags; it becomes "*" where the action knows no resources.
 * account: "" takes the one of the ARN, or the principal's. ERR_USAGE with words when either is no
 * action or resource, carries a wildcard, is of a type that an action of EC2 Instance Connect does
 * not act on, or belongs to
 * another account, or lies in another partition than the principal. */
int request_set(struct iam_request *r, const struct iam_principal *principal, struct str action,
	struct str resource, struct str account, struct iam_context *context) MUST_CHECK;

/* i- or eice- and hexadecimal digits, 10 to 32 characters */
bool request_id_ok(struct str id);

/* Adds to the context what an action of EC2 Instance Connect never sends. */
int request_fix_service(struct iam_request *r) MUST_CHECK;

/* Adds to the context what follows from the request and the time (or from the time that the context
 * states), and what is known to be absent. Text is made in the arena, which
 * becomes the room of the request. ERR_USAGE with words when
 * something else was stated. */
int request_derive(struct iam_request *r, int64_t now, struct arena *a) MUST_CHECK;

#endif
