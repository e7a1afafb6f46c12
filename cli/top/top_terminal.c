#include "cli/top/top_terminal.h"

#include "cli/render/trend.h"

#define NCURSES_WIDECHAR 1
#include <langinfo.h>
#include <locale.h>
#include <ncursesw/curses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ESCAPE_MS 50 /* in which the rest of a key's sequence has to come behind Esc */

/* Of the open terminal; only the main thread uses it. */
static SCREEN *terminal;
static bool has_color;

static bool set_locale(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0 && trend_wants_utf8())
		setlocale(LC_CTYPE, "C.UTF-8"); /* the one that was wanted is not installed here */
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int top_terminal_open(bool *utf8, struct err *err)
{
	*utf8 = set_locale();
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal)
		return err_set(err, "the terminal cannot be set up; use memwatch stat");
	set_term(terminal);
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	has_color = has_colors() && !(getenv("NO_COLOR") && getenv("NO_COLOR")[0]);
	if (has_color) {
		start_color();
		use_default_colors();
		init_pair(1, COLOR_RED, -1);
	}
	return 0;
}

void top_terminal_close(void)
{
	if (!terminal)
		return;
	move(LINES - 1, 0); /* where terminals without a second screen go on */
	clrtoeol();
	refresh();
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

void top_terminal_size(unsigned *height, unsigned *width)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	*height = (unsigned)LINES;
	*width = (unsigned)COLS;
}

static uint32_t special(wint_t key)
{
	switch (key) {
	case KEY_UP:
		return TOP_KEY_UP;
	case KEY_DOWN:
		return TOP_KEY_DOWN;
	case KEY_PPAGE:
		return TOP_KEY_PAGE_UP;
	case KEY_NPAGE:
		return TOP_KEY_PAGE_DOWN;
	case KEY_HOME:
		return TOP_KEY_HOME;
	case KEY_END:
		return TOP_KEY_END;
	case KEY_ENTER:
		return TOP_KEY_ENTER;
	case KEY_BACKSPACE:
		return TOP_KEY_BACKSPACE;
	default:
		return TOP_KEY_OTHER;
	}
}

bool top_terminal_key(uint32_t *key)
{
	wint_t c;
	int rc = get_wch(&c);

	if (rc == ERR)
		return false;
	if (rc == KEY_CODE_YES)
		*key = special(c);
	else if (c == '\r' || c == '\n')
		*key = TOP_KEY_ENTER;
	else if (c == 27)
		*key = TOP_KEY_ESCAPE;
	else if (c == 127 || c == 8)
		*key = TOP_KEY_BACKSPACE;
	else
		*key = (uint32_t)c < TOP_KEY_UP ? (uint32_t)c : TOP_KEY_OTHER;
	return true;
}

static attr_t attribute(enum top_style style)
{
	switch (style) {
	case STYLE_BOLD:
		return A_BOLD;
	case STYLE_DIM:
		return A_DIM;
	case STYLE_HEAD:
		return A_UNDERLINE | A_BOLD;
	case STYLE_SELECTED:
		return A_REVERSE;
	case STYLE_ALARM:
		return A_BOLD;
	default:
		return A_NORMAL;
	}
}

void top_terminal_draw(const struct top_screen *screen)
{
	erase();
	for (size_t i = 0; i < screen->n; i++) {
		enum top_style style = screen->lines[i].style;

		mvaddstr((int)i, 0, screen->lines[i].text);
		if (style != STYLE_PLAIN)
			mvchgat((int)i, 0, -1, attribute(style), style == STYLE_ALARM && has_color ? 1 : 0, NULL);
	}
	refresh();
}
