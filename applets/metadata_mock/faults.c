/* faults.c - what goes wrong on purpose */
#include <string.h>

#include "mock.h"

const struct fault_rule *faults_take(struct faults *f, struct str path, bool api)
{
	for (size_t i = 0; i < f->n_rules; i++) {
		struct fault_rule *rule = &f->rules[i];

		/* of the APIs an action's name, of the metadata service a path */
		if (rule->times == 0 || (rule->prefix[0] == '/') == api || !str_starts(path, rule->prefix))
			continue;
		if (rule->times > 0)
			rule->times--;
		return rule;
	}
	return NULL;
}
