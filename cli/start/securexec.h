/*
 * Would the kernel start this file in secure-execution mode (AT_SECURE)? Then the loader ignores LD_PRELOAD. The rules
 * are those of cap_bprm_creds_from_file() in security/commoncap.c.
 */
#ifndef CLI_START_SECUREXEC_H
#define CLI_START_SECUREXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Who starts the program. */
struct securexec_user {
	uid_t ruid, euid;
	gid_t rgid, egid;
	bool no_new_privs;
};

/* What the file would give. */
struct securexec_file {
	mode_t mode;
	uid_t uid;
	gid_t gid;
	bool nosuid;                  /* on a file system mounted so */
	unsigned char capability[32]; /* the security.capability attribute */
	size_t capability_bytes;      /* 0 = none */
};

enum securexec {
	SECUREXEC_NO,
	SECUREXEC_SETUID,
	SECUREXEC_SETGID,
	SECUREXEC_CAPABILITIES,
	SECUREXEC_CALLER, /* memwatch itself was started with differing ids */
};

void securexec_read_user(struct securexec_user *user);

/* -1 when the file cannot be looked at. */
int securexec_read_file(int fd, struct securexec_file *file);

enum securexec securexec_decide(const struct securexec_user *user, const struct securexec_file *file);

#endif
