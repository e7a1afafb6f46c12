/* The session's folder and its session file: made before the program starts, removed at the end. */
#ifndef CLI_INGEST_FOLDER_H
#define CLI_INGEST_FOLDER_H

#include "cli/base/err.h"
#include "common/shm.h"

#include <stdbool.h>
#include <stddef.h>

struct folder {
	char path[SHM_PATH_MAX];     /* "" = none */
	int fd;                      /* of the folder */
	struct shm_session *session; /* mapped */
};

/* Makes it in /dev/shm, else $XDG_RUNTIME_DIR, $TMPDIR or /tmp; mode 0700, a name that cannot be guessed. Removes those
 * that reporters of this user have left there that were killed. -1 and `err` on failure, with nothing left behind. */
int folder_make(struct folder *folder, uint32_t flags, uint32_t depth, struct err *err);

/* The places in which folders are made, by number from 0 on; NULL behind the last one. A place that is not set in the
 * environment is "". */
const char *folder_place(size_t i);

/* Whether an entry of such a place has the name of a session's folder. */
bool folder_is_named_so(const char *name);

/* Removes the folder `name` in an open place if it is one of this user whose reporter was killed. */
void folder_remove_stale(int place, const char *name);

/* Removes it with all that is in it. Harmless on a folder that is all zeros or was removed. */
void folder_remove(struct folder *folder);

#endif
