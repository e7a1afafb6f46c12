/* Names of C++ templates can fill a screen; this keeps what tells one function from another. */
#ifndef CLI_RENDER_SHORTEN_H
#define CLI_RENDER_SHORTEN_H

#include <stddef.h>

/*
 * A copy for free(). A name longer than `max` bytes has its template arguments written "<...>", then if need be its
 * parameters "(...)", and is cut with "..." as the last resort.
 */
char *shorten_function(const char *name, size_t max);

#endif
