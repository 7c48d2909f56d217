/* offline.h - keys in files, proven with a signer in files: what eic_parse_authorized_keys does */
#ifndef AUTHKEYS_OFFLINE_H
#define AUTHKEYS_OFFLINE_H

/* The command line of eic_parse_authorized_keys of ec2-instance-connect-config 1.1-19. Returns the
 * exit status: 0 keys were printed, 255 none was, 1 the signer failed or the arguments are wrong.
 */
int offline_main(const char *name, int argc, char **argv);

#endif
