/* state.c - keys and certificates that outlive the process
 *
 * The directory holds root.pem, intermediate.pem and the three keys root.key, intermediate.key and
 * signer.key. They are made together and used together: when one is missing or unreadable, all are
 * made anew. Certificates that are about to expire are issued again for the same keys, so that
 * whoever has the old root goes on. */
#define _GNU_SOURCE 1 /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "mock.h"

enum {
	RSA_BITS = 2048,
	DAY = 24 * 3600,
	LIFE = 30 * DAY,
	LEFT_LEAST = LIFE / 3,
	KEY_MAX = 4096,
	CERT_MAX = 4096
};

#define ROOT_NAME "eicbox metadata-mock root (not AWS)"
#define INTERMEDIATE_NAME "eicbox metadata-mock RSA 2048 M01 (not AWS)"
#define ORGANIZATION "not AWS"

static int path_in(struct buf *out, const char *dir, const char *name)
{
	buf_clear(out);
	buf_addf(out, "%s/%s", dir, name);
	return buf_check(out, dir);
}

static int read_key(struct pk *key, const char *dir, const char *name)
{
	BUF(path, 1024);
	BUF(pem, KEY_MAX);
	int r = path_in(&path, dir, name);

	if (r >= 0)
		r = io_read_file(buf_text(&path), &pem);
	if (r >= 0)
		r = pk_read_private(key, buf_view(&pem));
	buf_wipe(&pem);
	return r;
}

static int write_key(const struct pk *key, const char *dir, const char *name)
{
	BUF(path, 1024);
	BUF(pem, KEY_MAX);
	int r = path_in(&path, dir, name);

	if (r >= 0)
		r = pk_write_private_pem(key, &pem);
	if (r >= 0)
		r = io_write_file(buf_text(&path), pem.p, pem.len, 0600, true);
	buf_wipe(&pem);
	return r;
}

static int read_cert(struct buf *pem, const char *dir, const char *name)
{
	BUF(path, 1024);
	int r = path_in(&path, dir, name);

	return r < 0 ? r : io_read_file(buf_text(&path), pem);
}

static int write_cert(const struct cert *c, const char *dir, const char *name)
{
	BUF(path, 1024);
	BUF(pem, CERT_MAX);
	int r = path_in(&path, dir, name);

	pem_add(&pem, "CERTIFICATE", cert_der(c));
	if (r >= 0)
		r = buf_check(&pem, name);
	return r < 0 ? r : io_write_file(buf_text(&path), pem.p, pem.len, 0600, true);
}

/* Does the key belong to the certificate? Takes the times at which all of them are valid. */
static int fits(struct authority *a, size_t i, const struct pk *key)
{
	const struct cert *c = certs_at(&a->chain, i);
	struct cert_facts facts;
	struct pk public = { 0 };
	BUF(x, 1024);
	BUF(y, 1024);
	int r = cert_facts(c, &facts);

	if (r >= 0)
		r = cert_key(c, &public);
	if (r >= 0)
		r = pk_write_public_der(&public, &x);
	if (r >= 0)
		r = pk_write_public_der(key, &y);
	if (r >= 0 && !str_eq(buf_view(&x), buf_view(&y)))
		r = err(ERR_DENIED, "key and certificate do not belong together");
	pk_close(&public);
	if (r < 0)
		return r;
	if (i == 0 || a->since < facts.not_before)
		a->since = facts.not_before;
	if (i == 0 || a->until > facts.not_after)
		a->until = facts.not_after;
	return 0;
}

static int load(struct authority *a, const char *dir)
{
	BUF(pem, 2 * CERT_MAX);
	int r = read_cert(&pem, dir, "root.pem");

	if (r >= 0)
		r = read_cert(&pem, dir, "intermediate.pem");
	if (r >= 0)
		r = certs_read_pem(&a->chain, buf_view(&pem), 2);
	if (r >= 0 && a->chain.n != 2)
		r = err(ERR_FORMAT, "%s: not two certificates", dir);
	if (r >= 0)
		r = read_key(&a->root_key, dir, "root.key");
	if (r >= 0)
		r = read_key(&a->intermediate_key, dir, "intermediate.key");
	if (r >= 0)
		r = read_key(&a->signer_key, dir, "signer.key");
	if (r >= 0)
		r = fits(a, 0, &a->root_key);
	return r < 0 ? r : fits(a, 1, &a->intermediate_key);
}

/* A key that a child is making. */
struct birth {
	struct pk *key;
	pid_t pid;
	int fd;
};

static void make_and_tell(int fd)
{
	struct pk key = { 0 };
	BUF(pem, KEY_MAX);
	int r = pk_generate(&key, PK_RSA, RSA_BITS);

	if (r >= 0)
		r = pk_write_private_pem(&key, &pem);
	if (r >= 0)
		r = io_write(fd, pem.p, pem.len);
	_exit(r < 0);
}

static int begin(struct birth *b)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno("pipe");
	b->pid = _Fork();
	if (b->pid == 0)
		make_and_tell(ends[1]);
	close(ends[1]);
	b->fd = ends[0];
	if (b->pid > 0)
		return 0;
	close(ends[0]);
	return err_errno("fork");
}

static int end(struct birth *b)
{
	BUF(pem, KEY_MAX);
	int r = io_read_fd(b->fd, "new key", &pem);

	close(b->fd);
	while (waitpid(b->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (r >= 0)
		r = pk_read_private(b->key, buf_view(&pem));
	buf_wipe(&pem);
	return r;
}

/* RSA as the real chain has it. Searching primes takes long, so each processor searches for itself.
 */
static int make_keys(struct authority *a)
{
	struct birth births[] = { { .key = &a->root_key }, { .key = &a->intermediate_key } };
	size_t begun = 0;
	int r = 0;

	while (r >= 0 && begun < sizeof(births) / sizeof(births[0])) {
		r = begin(&births[begun]);
		begun += r >= 0;
	}
	if (r >= 0)
		r = pk_generate(&a->signer_key, PK_RSA, RSA_BITS);
	for (size_t i = 0; i < begun; i++) {
		int ended = end(&births[i]);

		r = r < 0 ? r : ended;
	}
	return r;
}

static int add_cert(struct certs *chain, const struct cert_request *request)
{
	BUF(der, CERT_MAX);
	int r = cert_make(request, &der);

	return r < 0 ? r : certs_add_der(chain, buf_view(&der));
}

/* What others see of the certificates, which are new to them. */
static int publish(struct authority *a)
{
	struct buf pem = buf_of(a->pem, sizeof(a->pem));

	pem_add(&pem, "CERTIFICATE", cert_der(certs_at(&a->chain, 0)));
	a->pem_n = pem.len;
	a->issue++;
	return buf_check(&pem, "root certificate");
}

/* Certificates for the keys at hand. The times at which the old ones were valid stay: the mock's
 * clock can be wrong on purpose, and then clients go by another one. */
static int issue(struct authority *a, int64_t now)
{
	struct certs fresh = { 0 };
	bool first = a->until == 0;
	int64_t since = now - 3600, until = now + LIFE;
	struct cert_request root = {
		.common_name = ROOT_NAME,
		.organization = ORGANIZATION,
		.key = &a->root_key,
		.issuer_key = &a->root_key,
		.issuer_name = ROOT_NAME,
		.issuer_organization = ORGANIZATION,
		.not_before = first || since < a->since ? since : a->since,
		.not_after = until > a->until ? until : a->until,
		.ca = true,
		.path_length = -1,
	};
	struct cert_request intermediate = root;
	int r = add_cert(&fresh, &root);

	intermediate.common_name = INTERMEDIATE_NAME;
	intermediate.key = &a->intermediate_key;
	intermediate.path_length = 0;
	if (r >= 0)
		r = add_cert(&fresh, &intermediate);
	if (r < 0) {
		certs_close(&fresh);
		return r;
	}
	certs_close(&a->chain);
	a->chain = fresh;
	a->since = root.not_before;
	a->until = root.not_after;
	return publish(a);
}

static int save(const struct authority *a, const char *dir)
{
	int r = write_key(&a->root_key, dir, "root.key");

	if (r >= 0)
		r = write_key(&a->intermediate_key, dir, "intermediate.key");
	if (r >= 0)
		r = write_key(&a->signer_key, dir, "signer.key");
	if (r >= 0)
		r = write_cert(certs_at(&a->chain, 0), dir, "root.pem");
	if (r >= 0)
		r = write_cert(certs_at(&a->chain, 1), dir, "intermediate.pem");
	return r;
}

/* Whoever may write there could put a root of his own in. */
static int check_private(int fd, const char *dir)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_errno("%s", dir);
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return err(ERR_DENIED,
			"%s: must be yours, and writable for nobody else (chmod 700)", dir);
	return 0;
}

/* Two that start at once on one directory must end with the same root. */
static int lock(const char *dir)
{
	int fd, r = io_make_dir(dir, 0700);

	if (r < 0)
		return r;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno("%s", dir);
	r = check_private(fd, dir);
	if (r < 0) {
		close(fd);
		return r;
	}
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR) {
			r = err_errno("%s: lock", dir);
			close(fd);
			return r;
		}
	return fd;
}

static bool is_current(const struct authority *a, int64_t now)
{
	return now >= a->since && now < a->until - LEFT_LEAST;
}

/* What is missing: all, the certificates, or nothing. Saved as far as dir is one. */
static int complete(struct authority *a, const char *dir, int64_t now)
{
	int r = 0;

	if (pk_type(&a->signer_key) == PK_NONE)
		r = make_keys(a);
	else if (is_current(a, now))
		return publish(a);
	if (r >= 0)
		r = issue(a, now);
	return r < 0 || !dir ? r : save(a, dir);
}

int authority_open(struct authority *a, const char *dir, int64_t now)
{
	int fd = dir ? lock(dir) : -1, r;

	if (dir && fd < 0)
		return fd;
	if (dir && load(a, dir) < 0)
		authority_close(a);
	r = complete(a, dir, now);
	if (fd >= 0)
		close(fd);
	return r;
}

int authority_renew(struct authority *a, const char *dir, int64_t now)
{
	int fd = -1, r;

	if (is_current(a, now))
		return 0;
	r = issue(a, now);
	if (r >= 0 && dir)
		r = fd = lock(dir);
	if (r >= 0 && dir)
		r = save(a, dir);
	if (fd >= 0)
		close(fd);
	return r < 0 ? r : 1;
}

void authority_close(struct authority *a)
{
	pk_close(&a->root_key);
	pk_close(&a->intermediate_key);
	pk_close(&a->signer_key);
	certs_close(&a->chain);
	*a = (struct authority){ 0 };
}
