/*
 * Settings that are not on the command line, in the order in which they are read (later ones win):
 *   ~/.config/memwatch/config   ($XDG_CONFIG_HOME/memwatch/config when that is set)
 *   ./.memwatchrc               only if it is the user's own and not writable by all
 *   MEMWATCH_OPTIONS            words as on a command line, with quotes; also name=value:name=value
 * Files have one name=value a line, as on the command line without the dashes; '#' begins a comment.
 */
#ifndef CLI_OPTS_RC_H
#define CLI_OPTS_RC_H

#include "cli/base/err.h"
#include "cli/opts/opts.h"

/* Reads them all. A missing file is none. -1 and a sentence with file and line when a setting is wrong. A file that is
 * not to be trusted is left out, and `remark` says so. */
int rc_load(struct options *options, struct err *remark, struct err *err);

/* Applies the lines of a file's text; `name` is for messages. */
int rc_apply_lines(struct options *options, const char *name, const char *text, struct err *err);

/* Applies the words of MEMWATCH_OPTIONS. */
int rc_apply_words(struct options *options, const char *name, const char *text, struct err *err);

#endif
