/* What html_page.S contains. Pieces of text, not ended by NUL. */
#ifndef CLI_RENDER_HTML_PAGE_H
#define CLI_RENDER_HTML_PAGE_H

extern const char html_page_begin[], html_page_begin_end[]; /* up to the data */
extern const char html_page_end[], html_page_end_end[]; /* behind it: the scripts */

#endif
