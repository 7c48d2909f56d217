/* process.c - credentials that a program prints
 *
 *	{"Version": 1, "AccessKeyId": ..., "SecretAccessKey": ..., "SessionToken": ...,
 *"Expiration": ...} */
#include "aws/provider.h"
#include "base/proc.h"

#define WORDS_MAX 64
#define LINE_MAX 4096
#define PROCESS_MS 300000 /* a person may have to log in with a browser */

static int run(struct creds_world *w, struct str line)
{
	char *argv[WORDS_MAX];
	BUF(words, LINE_MAX);
	int r = proc_split(argv, WORDS_MAX, &words, line);

	if (r < 0)
		return r;
	buf_clear(&w->work);
	r = proc_run(&w->work, argv, w->environ, PROC_TERMINAL, deadline_in(PROCESS_MS));
	if (r > 0)
		return err(ERR_DENIED, "'%.*s' ended with status %d", STR_ARG(line), r);
	return r;
}

static int read_output(struct creds *c, const struct creds_world *w)
{
	struct provider_doc d;
	int64_t version;
	int r = provider_parse(&d, buf_view(&w->work), "its output");

	if (r < 0)
		return r;
	if (!json_int(json_get(d.root, "Version"), &version) || version != 1)
		return err(ERR_FORMAT, "its output is not of \"Version\": 1");
	return provider_set(c, w, d.root, &provider_process_names);
}

int provider_process(struct creds *c, struct creds_world *w, struct str profile)
{
	struct str line = provider_key(w, profile, "credential_process");
	int r;

	if (!line.p)
		return 0;
	r = run(w, line);
	if (r == 0)
		r = read_output(c, w);
	buf_wipe(&w->work);
	if (r < 0)
		return err_in(r, "profile %.*s: credential_process", STR_ARG(profile));
	buf_addf(&c->source, "profile %.*s (credential_process)", STR_ARG(profile));
	return 1;
}
