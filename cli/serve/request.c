#include "cli/serve/request.h"

#include "cli/base/units.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const verbs[] = {
	[REQUEST_LIST] = "list", [REQUEST_SCAN] = "scan", [REQUEST_STAT] = "stat", [REQUEST_TOP] = "top"};

/* Whether the word, which no NUL ends, has only these letters. */
static bool consists_of(const char *word, size_t n, const char *letters)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr(letters, word[i]))
			return false;
	return true;
}

/* A decimal number; no longer than one can be. */
static int read_number(const char *text, size_t n, unsigned max, unsigned *value)
{
	struct err ignored = {0};
	char copy[16];
	uint64_t number;

	if (n == 0 || n >= sizeof(copy) || !consists_of(text, n, "0123456789"))
		return -1;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (units_number(copy, 0, max, &number, &ignored))
		return -1;
	*value = (unsigned)number;
	return 0;
}

static int add_output(struct request *request, const char *name, size_t n)
{
	char *to;

	if (request->n_outputs == REQUEST_MAX_OUTPUTS || n == 0 || n >= sizeof(request->outputs[0]) ||
	    !consists_of(name, n, "abcdefghijklmnopqrstuvwxyz-"))
		return -1;
	to = request->outputs[request->n_outputs++];
	memcpy(to, name, n);
	to[n] = '\0';
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int set_filter(struct request *request, const char *hex, size_t n)
{
	if (n % 2 || n / 2 > REQUEST_FILTER_MAX)
		return -1;
	for (size_t i = 0; i < n / 2; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return -1;
		request->list.filter[i] = (char)(high << 4 | low);
	}
	request->list.filter[n / 2] = '\0';
	return 0;
}

static int set_field(struct request *request, const char *word, size_t n)
{
	const struct {
		const char *name;
		bool *flag;
		unsigned *number;
	} fields[] = {
		{"top", NULL, &request->how.top},           {"show", NULL, &request->how.show},
		{"verbose", &request->how.verbose, NULL},   {"quiet", &request->how.quiet, NULL},
		{"memcheck", &request->how.memcheck, NULL}, {"color", &request->how.color, NULL},
		{"sort", NULL, &request->list.sort},        {"since", NULL, &request->list.since},
		{"stack", NULL, &request->list.stack},
	};
	const char *equals = memchr(word, '=', n);
	size_t n_name = equals ? (size_t)(equals - word) : n, n_value = equals ? n - n_name - 1 : 0;
	unsigned value;

	if (!equals)
		return -1;
	if (n_name == 6 && !memcmp(word, "output", 6))
		return add_output(request, equals + 1, n_value);
	if (n_name == 6 && !memcmp(word, "filter", 6))
		return set_filter(request, equals + 1, n_value);
	if (n_name == 3 && !memcmp(word, "pid", 3)) {
		if (read_number(equals + 1, n_value, INT_MAX, &value) || value == 0)
			return -1;
		request->pid = (int)value;
		return 0;
	}
	for (size_t i = 0; i < MW_ARRAY_LEN(fields); i++) {
		if (strlen(fields[i].name) != n_name || memcmp(word, fields[i].name, n_name) != 0)
			continue;
		if (read_number(equals + 1, n_value, fields[i].flag ? 1 : UINT32_MAX, &value))
			return -1;
		if (fields[i].flag)
			*fields[i].flag = value;
		else
			*fields[i].number = value;
		return 0;
	}
	return -1;
}

static bool find_verb(const char *word, size_t n, enum request_verb *verb)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(verbs); i++) {
		if (strlen(verbs[i]) == n && !memcmp(verbs[i], word, n)) {
			*verb = (enum request_verb)i;
			return true;
		}
	}
	return false;
}

/* The word at `*at`, which is moved behind it and the blank that follows. */
static const char *next_word(const char **at, const char *end, size_t *n)
{
	const char *word = *at, *blank = memchr(word, ' ', (size_t)(end - word));

	*n = (size_t)((blank ? blank : end) - word);
	*at = blank ? blank + 1 : end;
	return word;
}

int request_parse(const char *line, size_t n, struct request *request, struct err *err)
{
	const char *at = line, *end = line + n, *word;
	char protocol[24];
	size_t length;

	*request = (struct request){0};
	snprintf(protocol, sizeof(protocol), "memwatch/%d", REQUEST_PROTOCOL);
	if (n >= REQUEST_MAX_BYTES || memchr(line, '\0', n))
		return err_set(err, "the request is not a line of text");
	word = next_word(&at, end, &length);
	if (length != strlen(protocol) || memcmp(word, protocol, length) != 0)
		return err_set(err, "the request is not of protocol %s: the two memwatch are of different versions",
			       protocol);
	word = next_word(&at, end, &length);
	if (!find_verb(word, length, &request->verb))
		return err_set(err, "the request's verb is not known");
	while (at < end) {
		word = next_word(&at, end, &length);
		if (set_field(request, word, length))
			return err_set(err, "the request has a word that is not known or wrong");
	}
	if (request->list.sort >= N_SORTS)
		return err_set(err, "the request sorts by what is not known");
	if (request->verb != REQUEST_LIST && request->pid == 0)
		return err_set(err, "the request names no process");
	return 0;
}

static void print_top(const struct request_top *top, struct out *out)
{
	out_printf(out, " sort=%u since=%u stack=%u", top->sort, top->since, top->stack);
	if (top->filter[0])
		out_str(out, " filter=");
	for (const char *c = top->filter; *c; c++)
		out_printf(out, "%02x", (unsigned char)*c);
}

void request_print(const struct request *request, struct out *out)
{
	const struct render_options *how = &request->how;

	out_printf(out, "memwatch/%d %s", REQUEST_PROTOCOL, verbs[request->verb]);
	if (request->pid)
		out_printf(out, " pid=%d", request->pid);
	for (size_t i = 0; i < request->n_outputs; i++)
		out_printf(out, " output=%s", request->outputs[i]);
	out_printf(out, " top=%u show=%u", how->top, how->show);
	if (request->verb == REQUEST_TOP)
		print_top(&request->list, out);
	out_printf(out, "%s%s%s%s\n", how->verbose ? " verbose=1" : "", how->quiet ? " quiet=1" : "",
		   how->memcheck ? " memcheck=1" : "", how->color ? " color=1" : "");
}
