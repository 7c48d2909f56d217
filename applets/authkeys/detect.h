/* detect.h - is this an EC2 instance, and which one: what the hypervisor left in /sys */
#ifndef AUTHKEYS_DETECT_H
#define AUTHKEYS_DETECT_H

#include <stdbool.h>

#include "base/str.h"
#include "eic/limits.h"

/* What /sys says. */
struct machine {
	bool ec2; /* Nitro: the board's asset tag is an instance id; Xen: the uuid begins with ec2
		   */
	char id[EIC_SMALL_MAX]; /* the instance id of the asset tag; "" on Xen and elsewhere */
	const char *why;        /* one sentence */
};

/* root is where sysfs stands, "/sys". Source: "Identify EC2 instances" of the EC2 user guide, and
 * the order of the shell agent: a Xen uuid, where there is one, decides. */
void detect_machine(struct machine *m, const char *root);

#endif
