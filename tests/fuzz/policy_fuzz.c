/* policy_fuzz.c - any document is refused, or decides without crashing, the same way each time, and
 * never more by less */
#include <stdint.h>
#include <stdlib.h>

#include "eic/limits.h"
#include "iam/eval.h"
#include "iam/lint.h"

#define PLACE "arn:aws:ec2:eu-west-1:111122223333:"

static unsigned char memory[4 << 20];
static struct iam_context context;

static void count(void *data, const struct lint_finding *f)
{
	if (!f->code || f->at > f->policy->text.n)
		abort();
	++*(size_t *)data;
}

static void visit(void *data, struct str key, bool changes)
{
	(void)changes;
	if (key.n == 0 && !key.p)
		abort();
	++*(size_t *)data;
}

/* With nothing stated, then with all that is unknown absent: what is certain must not change by
 * knowing more. */
static void check_decision(
	const struct iam_policy *p, const char *action, const char *resource, struct arena *a)
{
	const struct iam_layer layers[] = { { IAM_IDENTITY, NULL, p }, { IAM_BOUNDARY, NULL, p } };
	struct iam_principal who;
	struct iam_request r;
	struct iam_answer open, closed;
	size_t missing = 0;
	BUF(reason, 1024);

	context.n = 0;
	context.closed = false;
	if (principal_read(&who, STR("arn:aws:iam::111122223333:user/ann")) < 0 ||
		request_set(&r, &who, str_of(action), str_of(resource), STR(""), &context) < 0 ||
		request_derive(&r, 1769860800, a) < 0 ||
		(r.eic == EIC_PUSH && context_set(&context, STR("ec2:osuser"), STR("root")) < 0))
		abort();
	iam_eval(&open, &r, layers, 2);
	iam_missing(&r, layers, 2, visit, &missing);
	iam_reason(&reason, &open, &r);
	context.closed = true;
	iam_eval(&closed, &r, layers, 2);
	if (closed.undetermined || !(open.possible & 1u << closed.decision))
		abort();
	if (open.undetermined !=
		(open.decision != IAM_ALLOWED && (open.possible & 1u << IAM_ALLOWED) != 0))
		abort();
	if (open.undetermined && missing == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = arena_of(memory, sizeof(memory));
	struct str text = { (const char *)data, size };
	static const enum iam_kind kinds[] = { IAM_IDENTITY, IAM_SCP, IAM_RESOURCE };
	struct iam_policy p;
	size_t findings = 0;

	if (size > 16384)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		int e;

		a = arena_of(memory, sizeof(memory));
		e = policy_read(
			&p, kinds[i], "p", text, &a, i == 0 ? POLICY_LENIENT | POLICY_GO_ON : 0);
		if (e == 0 || p.n > 0)
			lint_policy(&p, eic_api_user_ok, &a, count, &findings);
		if (e < 0 || kinds[i] == IAM_RESOURCE)
			continue;
		if (lint_logins(&p, eic_api_user_ok, &a, count, &findings) < 0)
			abort();
		check_decision(&p, "push", PLACE "instance/i-0a1b2c3d", &a);
		check_decision(&p, "tunnel", PLACE "instance-connect-endpoint/eice-0a1b2c3d", &a);
	}
	return 0;
}
