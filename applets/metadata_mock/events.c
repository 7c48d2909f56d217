/* events.c - what happens to instances, as the command line asks for it */
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"

#include "options.h"

enum { DELAY_MOST = 86400, NOTICE = 120, DAY = 86400 };

/* words: its values with a blank around each; NULL: any */
static int check_choice(const char *name, const char *value, const char *words)
{
	BUF(word, 64);

	buf_addf(&word, " %s ", value ? value : "");
	if (!value || (!word.full && str_find(str_of(words), buf_text(&word), NULL)))
		return 0;
	return err(ERR_USAGE, "option --%s: \"%s\" is none of%.*s", name, value,
		(int)strlen(words) - 1, words);
}

static int take_time(const char *name, const char *value, int64_t fallback, int64_t *out)
{
	*out = fallback;
	if (value && !clock_read(str_of(value), out))
		return err(ERR_USAGE,
			"option --%s: \"%s\" is not a time such as 2024-01-01T00:00:00Z", name,
			value);
	return 0;
}

/* An option of which nothing would ever be seen is a misunderstood one. */
static int check_needs(const struct options *o)
{
	const char *option = NULL, *needs = "event-code";

	if (!o->event_code)
		option = o->event_state ? "event-state"
			: o->not_before ? "event-not-before"
			: o->not_after  ? "event-not-after"
			: o->deadline   ? "event-deadline"
					: NULL;
	if (!o->spot_action && o->spot_time) {
		option = "spot-time";
		needs = "spot-action";
	}
	return option ? err(ERR_USAGE, "option --%s: does nothing without --%s", option, needs) : 0;
}

/* What the well-known mock of the metadata service calls spot, events and asglifecycle. */
int take_events(struct events *e, const struct options *o, int64_t now)
{
	long delay = 0;
	int r = o->delay ? opt_number("--delay", o->delay, 0, DELAY_MOST, &delay) : 0;
	int64_t shown = now + delay;
	const struct {
		const char *name, *value;
		int64_t fallback, *out;
	} times[] = {
		{ "spot-time", o->spot_time, shown + NOTICE, &e->spot_time },
		{ "rebalance-time", o->rebalance_time, o->spot_action ? shown : 0,
			&e->rebalance_time },
		{ "event-not-before", o->not_before, now, &e->not_before },
		{ "event-not-after", o->not_after, now + 7 * DAY, &e->not_after },
		{ "event-deadline", o->deadline, now + 9 * DAY, &e->deadline },
	};

	*e = (struct events){ .spot_action = o->spot_action,
		.event_code = o->event_code,
		.event_state = o->event_state ? o->event_state : "active",
		.asg_state = o->asg_termination ? "Terminated" : NULL,
		.visible_at = shown };
	if (r >= 0)
		r = check_choice("spot-action", o->spot_action, " terminate stop hibernate ");
	if (r >= 0)
		r = check_choice("event-code", o->event_code,
			" instance-reboot system-reboot system-maintenance instance-retirement "
			"instance-stop ");
	if (r >= 0)
		r = check_choice("event-state", o->event_state, " active completed canceled ");
	for (size_t i = 0; r >= 0 && i < sizeof(times) / sizeof(times[0]); i++)
		r = take_time(times[i].name, times[i].value, times[i].fallback, times[i].out);
	return r < 0 ? r : check_needs(o);
}
