/* err.h - why something failed: a number for the caller, words for the person */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Every function that can fail returns >= 0 when it did its work, else one of these. */
enum {
	ERR_USAGE = -1,  /* the caller's words are wrong: options, parameters, settings */
	ERR_SYSTEM = -2, /* the operating system refused: file, memory, permission */
	ERR_FORMAT = -3, /* data is not what its format says */
	ERR_LIMIT = -4,  /* larger than we are willing to take */
	ERR_NET = -5,    /* nobody answers, in time or at all */
	ERR_DENIED = -6, /* understood and refused: a signature, a rule, a policy */
	ERR_ABSENT = -7, /* there is no such thing */
	ERR_BUG = -8,    /* not decided: what every result starts as */
};

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define ERR_TEXT_MAX 1024 /* longer words are cut */

/* Records the words (formats: see buf_addf) in place of earlier ones and returns code, so that
 * failing is one line: return err(ERR_FORMAT, "%s: not a public key", path); */
int err(int code, const char *fmt, ...) PRINTF(2, 3);

/* Puts "words: " in front of what is recorded, and returns code. */
int err_in(int code, const char *fmt, ...) PRINTF(2, 3);

/* err() with ": " and the system's words for errno behind; returns ERR_SYSTEM (ERR_ABSENT for
 * ENOENT). */
int err_errno(const char *fmt, ...) PRINTF(1, 2);

/* The system's words for an errno. Valid until the next call. */
const char *err_words(int e);

/* The words recorded last; "" if none. Valid until the next err*(). */
const char *err_text(void);

#endif
