/* limits.h - what the API and the agent accept: sizes and grammars, each in this one place */
#ifndef EIC_LIMITS_H
#define EIC_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The API's parameters (API reference and Smithy model of 2018-04-02). */
#define EIC_KEY_MIN 80
#define EIC_KEY_MAX 4096
#define EIC_KEY_LIFE 60 /* seconds */

/* What the agent reads from the metadata service, in bytes unless said otherwise. How many
 * certificates a chain and a path may have, and the bytes of a staple's DER, is said one room
 * below, where they are judged: CERT_CHAIN_MAX, CERT_PATH_MAX, OCSP_MAX. */
#define EIC_TOKEN_MAX 1024
#define EIC_SMALL_MAX 256 /* instance id, region, domain */
#define EIC_KEYS_MAX (256 * 1024)
#define EIC_KEYS_LINE_MAX 16384 /* as sshd */
#define EIC_BLOCKS_MAX 256      /* blocks of one answer that are looked at */
#define EIC_TIMESTAMP_MAX 19    /* digits */
#define EIC_SIGNATURE_MAX 512   /* decoded: a key of 4096 bits */
#define EIC_CHAIN_MAX (64 * 1024)
#define EIC_LIST_MAX 4096          /* the list of staples */
#define EIC_NAMES_MAX 128          /* names in it that are looked at for a hint */
#define EIC_STAPLES_MAX 16         /* staples that are fetched */
#define EIC_STAPLE_MAX (24 * 1024) /* base64 of 16 KiB */

/* What it reads from its own machine. */
#define EIC_ANCHORS_TEXT_MAX (1024 * 1024) /* PEM of --ca: a distribution's bundle, and more */
#define EIC_ANCHORS_MAX 2000               /* certificates in it */
#define EIC_CHAINED_MAX (256 * 1024)       /* what the command of --chain may print */
#define EIC_CHAINED_LINE_MAX 4096          /* its command line, and the words of it */
#define EIC_CHAINED_WORDS_MAX 32
#define EIC_FILE_MAX (256 * 1024) /* the whole authorized_keys file of --output */
#define EIC_FOLDERS_MAX 64        /* on the path to it */

/* What it prints and holds. */
#define EIC_OUTPUT_MAX (EIC_BLOCKS_MAX * 1024 + EIC_CHAINED_MAX)
#define EIC_HELD_MAX 32        /* keys that --watch keeps in the file */
#define EIC_HELD_LINE_MAX 3072 /* one of them: an RSA key of 16384 bits */
#define EIC_SECONDS_MAX 300    /* of --timeout */

/* i- and 8 to 30 of 0-9a-f: 10 to 32 characters */
bool eic_instance_id_ok(struct str s);
/* what SendSSHPublicKey accepts as InstanceOSUser, both alternatives of its pattern */
bool eic_api_user_ok(struct str s);
/* what may stand in the path of a request: [A-Za-z0-9_.@$-]{1,256}, not -..., "." or ".." */
bool eic_agent_user_ok(struct str s);
/* ^(\w+-){2,3}\d+\w+$, 6 to 32 */
bool eic_zone_ok(struct str s);
/* lower-case words and one number: us-gov-west-1, eusc-de-east-1 */
bool eic_region_ok(struct str s);
/* one of the compiled-in partitions' suffixes */
bool eic_domain_ok(struct str s);
/* visible ASCII */
bool eic_token_ok(struct str s);
/* [0-9A-Za-z._-]{1,128}, not "." or ".." */
bool eic_staple_name_ok(struct str s);

/* The region of an availability zone, local and Wavelength zones included; empty when there is none
 * in it. */
struct str eic_zone_region(struct str zone);

#endif
