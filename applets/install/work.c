/* work.c - plans are carried out, and undone, with the journal ahead of every step */
#include "applets/install/work.h"

#include <string.h>

#include "applets/applet.h"
#include "applets/install/sshd.h"
#include "base/log.h"

static void say_step(struct work *w, const char *before, const struct step *s, bool order)
{
	BUF(line, PATH_MAX * 3);

	buf_puts(&line, before);
	step_words(&line, s, order);
	applet_clean(&line, 0);
	buf_putc(&line, '\n');
	if (!w->mute && applet_print(w->name, buf_view(&line)) != EXIT_DONE)
		w->mute = true;
}

/* From the last step to the first; with only_sshd, those that sshd reads. */
static int undo(struct work *w, size_t from, bool only_sshd)
{
	struct journal *j = &w->journal;
	int r = 0;

	for (size_t i = j->n; i > from && r == 0; i--) {
		const struct step *s = &j->steps[i - 1];

		if (only_sshd && !sshd_step(s))
			continue;
		w->reload |= sshd_step(s);
		r = step_undo(w->root, s);
	}
	return r;
}

/* What failed is to be read, not what came of clearing up after it. */
static int roll_back(struct work *w, int code)
{
	BUF(words, ERR_TEXT_MAX);
	int r;

	buf_puts(&words, err_text());
	r = undo(w, w->journal.done, false);
	if (r == 0)
		r = journal_forget(&w->journal);
	if (r < 0)
		log_warn("could not undo what was done: %s", err_text());
	return err(code, "%s", buf_text(&words));
}

/* The real sshd says whether the files are good, and what comes of them. */
static int check_sshd(struct work *w, const char *command)
{
	struct ask after;

	if (!w->root->live || w->before.state == ASK_ABSENT)
		return 0;
	ask_sshd(&after, w->unit);
	if (after.state == ASK_BROKEN && w->before.state != ASK_BROKEN)
		return err(ERR_DENIED, "sshd would not accept its files any more: %s", after.words);
	if (command && after.state == ASK_WORKS && strcmp(after.command, command) != 0)
		return err(ERR_DENIED, "sshd -T still has AuthorizedKeysCommand %s", after.command);
	return 0;
}

/* What the files say to a reader of our own; all there is to go by in an image. */
static int check_files(const struct work *w, const struct plan *p)
{
	static struct sshd_slot slot;
	int r = sshd_look(&slot, w->root, p->binary);

	return r < 0 || slot.ours ? r
				  : err(ERR_DENIED, "%s: our lines take no effect", slot.config);
}

static int take_steps(struct work *w, const struct plan *p)
{
	int r = 0;

	for (size_t i = 0; i < p->n && r == 0; i++) {
		r = journal_add(&w->journal, &p->steps[i]);
		if (r == 0)
			r = step_apply(w->root, &p->steps[i]);
		w->reload |= sshd_step(&p->steps[i]);
	}
	return r;
}

static int check_and_tell(struct work *w, const struct plan *p, const char *command)
{
	int r = command ? check_files(w, p) : 0;

	if (r == 0)
		r = check_sshd(w, command);
	return r == 0 ? work_reload(w) : r;
}

int work_do(struct work *w, const struct plan *p, const char *command)
{
	int r = 0;

	if (!w->dry) {
		r = take_steps(w, p);
		if (r == 0)
			r = check_and_tell(w, p, command);
		if (r == 0)
			r = journal_done(&w->journal);
	}
	if (r < 0)
		return roll_back(w, r);
	for (size_t i = 0; i < p->n; i++)
		say_step(w, w->dry ? "would " : "", &p->steps[i], w->dry);
	return 0;
}

/* Those that sshd reads are as they were before. */
static int put_back(struct work *w)
{
	struct journal *j = &w->journal;
	int r = 0;

	for (size_t i = 0; i < j->n && r == 0; i++)
		if (sshd_step(&j->steps[i]) && !step_holds(w->root, &j->steps[i]))
			r = step_apply(w->root, &j->steps[i]);
	return r;
}

/* sshd must get along without our lines: others may have come to lean on them. */
static int try_without(struct work *w)
{
	BUF(words, ERR_TEXT_MAX);
	int r = undo(w, 0, true);

	if (r == 0)
		r = check_sshd(w, NULL);
	if (r == 0)
		return 0;
	buf_puts(&words, err_text());
	if (put_back(w) == 0 && journal_keep(&w->journal) == 0)
		return err(r, "%s; all is left as it was", buf_text(&words));
	log_warn("could not put back what was there: %s", err_text());
	return err(r, "%s", buf_text(&words));
}

static int finish_removal(struct work *w)
{
	int r = try_without(w);

	if (r == 0)
		r = work_reload(w);
	if (r == 0)
		r = undo(w, 0, false);
	if (r == 0)
		r = journal_forget(&w->journal);
	w->reload = false;
	return r;
}

int work_remove(struct work *w)
{
	struct journal *j = &w->journal;
	size_t n = j->n;
	int r;

	for (size_t i = n; i > 0; i--) /* each once, though it may have been done again */
		if (!journal_has(j, i, n, &j->steps[i - 1]))
			say_step(w, w->dry ? "would undo " : "undo ", &j->steps[i - 1], false);
	if (w->dry || n == 0)
		return 0;
	r = journal_remove(j);
	return r < 0 ? r : finish_removal(w);
}

/* Whether sshd gets along without our lines was perhaps not asked any more, so they come back. */
static int recover(struct work *w)
{
	struct journal *j = &w->journal;
	int r;

	if (!j->removing && j->n == j->done)
		return 0;
	log_warn("an earlier %s was broken off; it is %s", j->removing ? "removal" : "installation",
		j->removing ? "finished first" : "undone first");
	if (w->dry)
		return 0;
	if (j->removing && w->root->live && put_back(w) == 0) {
		ask_sshd(&w->before, w->unit);
		return finish_removal(w);
	}
	r = undo(w, j->removing ? 0 : j->done, false);
	return r < 0 ? r : journal_forget(j);
}

int work_begin(struct work *w)
{
	int r = recover(w);

	if (r == 0 && w->root->live)
		ask_sshd(&w->before, w->unit);
	return r;
}

int work_reload(struct work *w)
{
	int r = w->reload && w->root->live && !w->dry ? ask_reload(&w->before) : 0;

	w->reload &= r < 0;
	return r;
}
