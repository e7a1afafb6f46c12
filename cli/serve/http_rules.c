#include "cli/serve/http_rules.h"

#include "cli/base/units.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Whether a numeric address is of the loopback; -1 if it is none. `host` has no brackets. */
static int is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return memcmp(&v6, &in6addr_loopback, sizeof(v6)) == 0;
	return -1;
}

/* Takes "HOST" or "HOST:PORT" apart, brackets off. *port is behind the colon, or NULL. False if it does not fit. */
static bool split_host(const char *text, char *host, size_t n_bytes, const char **port)
{
	const char *begin = text, *end, *rest;

	if (*text == '[') {
		begin = text + 1;
		end = strchr(begin, ']');
		rest = end ? end + 1 : NULL;
	} else {
		end = text + strcspn(text, ":");
		rest = end;
	}
	if (!rest || (*rest && *rest != ':') || (size_t)(end - begin) >= n_bytes)
		return false;
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	*port = *rest ? rest + 1 : NULL;
	return true;
}

int http_address_parse(const char *text, struct http_address *address, struct err *err)
{
	const char *port_text = NULL;
	struct err ignored = {0};
	uint64_t port = HTTP_PORT_DEFAULT;
	int loopback;

	*address = (struct http_address){.host = "127.0.0.1", .by_default = !*text};
	if (*text && strspn(text, "0123456789") == strlen(text))
		port_text = text;
	else if (*text && !split_host(text, address->host, sizeof(address->host), &port_text))
		return err_set(err, "'%s' is not [ADDR:]PORT", text);
	if (strcasecmp(address->host, "localhost") == 0)
		strcpy(address->host, "127.0.0.1");
	loopback = is_loopback(address->host);
	if (loopback < 0)
		return err_set(err, "'%s' is no IP address (write an IPv6 one in brackets)", address->host);
	if (port_text && units_number(port_text, 0, UINT16_MAX, &port, &ignored))
		return err_set(err, "'%s' is no port from 0 to 65535", port_text);
	address->port = (uint16_t)port;
	address->loopback = loopback;
	return 0;
}

void http_address_url(const struct http_address *address, char *url, size_t n_bytes)
{
	bool v6 = strchr(address->host, ':');

	snprintf(url, n_bytes, "http://%s%s%s:%u", v6 ? "[" : "", address->host, v6 ? "]" : "", address->port);
}

bool http_host_is_local(const char *host)
{
	const char *port;
	char name[64];

	if (!host)
		return true;
	if (!split_host(host, name, sizeof(name), &port) || (port && strspn(port, "0123456789") != strlen(port)))
		return false;
	return strcasecmp(name, "localhost") == 0 || is_loopback(name) == 1;
}

bool http_origin_fits(const char *origin, const char *host)
{
	static const char scheme[] = "http://";
	size_t n = sizeof(scheme) - 1;

	if (!origin)
		return true;
	return host && strncasecmp(origin, scheme, n) == 0 && strcasecmp(origin + n, host) == 0;
}

bool http_token_fits(const char *given, const char *token)
{
	size_t n_given = given ? strlen(given) : 0, n = strlen(token);
	unsigned differs = n_given != n || n == 0;

	for (size_t i = 0; i < n; i++)
		differs |= (unsigned char)token[i] ^ (unsigned char)(i < n_given ? given[i] : 0);
	return !differs;
}
