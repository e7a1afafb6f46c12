/* Apart from top_terminal.c: the macros of term.h have names such as lines. */
#include "cli/top/term_check.h"

#include <ncursesw/curses.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

int term_check(struct err *err)
{
	const char *term = getenv("TERM"), *cup;
	int rc;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, "top needs a terminal on stdin and stdout; without one use memwatch stat, with "
				    "--interval to have it again and again");
	if (!term || !term[0])
		return err_set(
			err, "TERM is not set, so that the terminal's type is not known; set it, or use memwatch stat");
	if (setupterm(term, STDOUT_FILENO, &rc) != OK)
		return err_set(
			err,
			"the terminal's type '%.60s' (TERM) is not known here; set another, such as TERM=xterm, or "
			"use memwatch stat",
			term);
	cup = tigetstr("cup");
	rc = cup && cup != (char *)-1;
	del_curterm(cur_term);
	return rc ? 0
		  : err_set(err,
			    "a terminal of type '%.60s' (TERM) cannot show a full screen; use memwatch stat, "
			    "with --interval to have it again and again",
			    term);
}
