/* Any bytes as what a client says or the user gives --http and --push: taken or refused without a crash, and what is
 * taken means the same when it is said again. */
#include "cli/serve/http_rules.h"
#include "cli/serve/push_url.h"
#include "cli/serve/symbol_body.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_address(const char *text)
{
	struct http_address address, again;
	struct err err = {""};
	char url[96];

	if (http_address_parse(text, &address, &err)) {
		if (!err.text[0])
			abort();
		return;
	}
	http_address_url(&address, url, sizeof(url));
	if (http_address_parse(url + strlen("http://"), &again, &err) || strcmp(again.host, address.host) != 0 ||
	    again.port != address.port || again.loopback != address.loopback)
		abort();
	if (http_host_is_local(url + strlen("http://")) != address.loopback)
		abort();
}

static void check_push(const char *text)
{
	struct push_url url;
	struct err err = {""};

	if (push_url_parse(text, &url, &err) == 0) {
		if (!url.host || !*url.host || !url.path || url.port == 0)
			abort();
		push_url_release(&url);
	} else if (!err.text[0]) {
		abort();
	}
}

static void check_body(const char *text)
{
	const char *at = text, *before = at;
	uint64_t addr;

	while (symbol_body_next(&at, &addr)) {
		if (at <= before || at > text + strlen(text))
			abort();
		before = at;
	}
	if (*at)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* nothing behind it may be read */
	const char *rest;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	rest = text + strlen(text) + (strlen(text) < size); /* a second string, behind a NUL */
	check_address(text);
	check_push(text);
	check_body(text);
	http_host_is_local(text);
	http_origin_fits(text, rest);
	if (http_token_fits(text, rest) != (*rest && strcmp(text, rest) == 0))
		abort();
	free(text);
	return 0;
}
