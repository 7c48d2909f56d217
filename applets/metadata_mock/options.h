/* options.h - what the command line says, and what is made of it */
#ifndef APPLETS_METADATA_MOCK_OPTIONS_H
#define APPLETS_METADATA_MOCK_OPTIONS_H

#include "base/opt.h"

#include "mock.h"

#define NAME "metadata-mock"

struct options {
	struct opt_list listen, imds, api, tls, hosts, faults;
	const char *state, *ca_out, *key_ttl, *trail, *trail_dir, *config, *control;
	const char *spot_action, *spot_time, *rebalance_time, *event_code, *event_state;
	const char *not_before, *not_after, *deadline, *delay;
	bool expose, verbose, imdsv2_only, smithy, loose_v1, print_config, asg_termination;
};

/* events.c: spot, scheduled and auto scaling events. ERR_USAGE. */
int take_events(struct events *e, const struct options *o, int64_t now) MUST_CHECK;

/* start.c: runs a mock until a signal ends it, and gives the exit status. */
int mock_run(const struct options *o);

#endif
