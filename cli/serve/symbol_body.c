#include "cli/serve/symbol_body.h"

#include <ctype.h>
#include <string.h>

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 32) - 'a') + 10;
}

bool symbol_body_next(const char **at, uint64_t *addr)
{
	const char *s = *at;

	while (*s && !isxdigit((unsigned char)*s))
		s++;
	if (s[0] == '0' && (s[1] | 32) == 'x' && isxdigit((unsigned char)s[2]))
		s += 2;
	*addr = 0;
	for (*at = s; isxdigit((unsigned char)**at); ++*at)
		*addr = *addr > UINT64_MAX >> 4 ? UINT64_MAX
						: *addr << 4 | digit(**at); /* too many: no code is there */
	return *at != s;
}
