/* policy.h - what SELinux has to be told: sshd's domain may connect to the metadata service */
#ifndef INSTALL_POLICY_H
#define INSTALL_POLICY_H

#include "applets/install/plan.h"

/* Whether SELinux is in force in this tree, or will be. */
bool policy_wanted(const struct root *r);

/* What to do by hand. */
extern const char policy_advice[];

/* The module of policy, and its loading: on the machine itself only. */
int plan_policy(struct plan *p) MUST_CHECK;

/* By semodule(8). */
int policy_load(const char *file, struct str name) MUST_CHECK;
int policy_unload(struct str name) MUST_CHECK;
bool policy_loaded(struct str name);

#endif
