#include "cli/render/plain_name.h"

#include "cli/base/xalloc.h"
#include "common/compiler.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* If "operator" ends just before `at`, and is a word of its own. */
static bool behind_operator(const char *name, const char *at)
{
	static const char word[] = "operator";
	size_t n = sizeof(word) - 1;

	return (size_t)(at - name) >= n && strncmp(at - n, word, n) == 0 &&
	       ((size_t)(at - name) == n || !is_name_char(at[-(long)n - 1]));
}

/* Length of the symbol of an operator function at `at`; 0 = there is none. */
static size_t operator_length(const char *name, const char *at)
{
	static const char *const symbols[] = {"<<=", ">>=", "->*", "<=>", "()", "[]", "->", "<<", ">>", "<=", ">=",
					      "<",   ">",   ","};

	if (!behind_operator(name, at))
		return 0;
	for (size_t i = 0; i < MW_ARRAY_LEN(symbols); i++)
		if (strncmp(at, symbols[i], strlen(symbols[i])) == 0)
			return strlen(symbols[i]);
	return 0;
}

/* Behind the bracket that closes the one at `at`; the end when none does. */
static const char *behind_bracket(const char *at)
{
	char close[256];
	size_t depth = 0;

	for (; *at; at++) {
		if (*at == '(' || *at == '<' || *at == '{' || *at == '[') {
			if (depth == sizeof(close))
				break;
			close[depth++] = *at == '(' ? ')' : *at == '<' ? '>' : *at == '{' ? '}' : ']';
		} else if (depth && *at == close[depth - 1] && !(*at == '>' && at[-1] == '-')) {
			if (--depth == 0)
				return at + 1;
		}
	}
	return at + strlen(at);
}

/* Parts that are names, though in brackets. */
static bool stays(const char *name, const char *at)
{
	static const char anonymous[] = "(anonymous namespace)";

	if (*at == '(')
		return strncmp(at, anonymous, sizeof(anonymous) - 1) == 0;
	if (*at == '<')
		return at == name || !(is_name_char(at[-1]) || at[-1] == '>' || at[-1] == ' ');
	return *at == '{' || *at == '[';
}

char *plain_name(const char *demangled)
{
	char *plain = xmalloc(strlen(demangled) + 1);
	size_t n = 0, begin = 0; /* what is before `begin` is a return type */
	bool converts = false; /* the name goes on behind blanks: "operator unsigned long", "operator new" */

	for (const char *at = demangled; *at;) {
		size_t symbol = operator_length(demangled, at);
		const char *end = at + 1;

		if (symbol) {
			end = at + symbol;
		} else if (strchr("(<{[", *at)) {
			end = behind_bracket(at);
			if (!stays(demangled, at)) {
				/* what follows the parameters: "const", "[clone .cold]" */
				if (*at == '(' && (*end == ' ' || *end == '\0'))
					break;
				at = end;
				continue;
			}
		} else if (*at == ' ' && at[1] == '<') { /* "operator<< <char>" */
			at++;
			continue;
		} else if (*at == ' ') {
			converts |= behind_operator(demangled, at);
			begin = converts ? begin : n + 1;
		}
		memcpy(plain + n, at, (size_t)(end - at));
		n += (size_t)(end - at);
		at = end;
	}
	plain[n] = '\0';
	if (begin >= n || plain[n - 1] == ' ')
		begin = 0;
	memmove(plain, plain + begin, n - begin + 1);
	if (!*plain)
		strcpy(plain, demangled);
	return plain;
}
