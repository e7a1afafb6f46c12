#include "cli/serve/push_url.h"

#include "cli/base/xalloc.h"

#include <event2/http.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HTTP_PORT 80

/* "…/metrics/job/NAME", also with more labels behind, or job@base64. */
static bool is_group(const char *path)
{
	static const char job[] = "/metrics/job";
	const char *at = strstr(path, job), *name;

	if (!at)
		return false;
	at += sizeof(job) - 1;
	name = strchr(at, '/');
	return name && (name == at || *at == '@') && name[1] && name[1] != '/';
}

static bool is_ingest(const char *path)
{
	static const char ingest[] = "/ingest";
	size_t n = strlen(path), n_ingest = sizeof(ingest) - 1;

	return n >= n_ingest && strcmp(path + n - n_ingest, ingest) == 0;
}

static int set_kind(struct push_url *url, const char *text, struct err *err)
{
	if (is_ingest(url->path))
		url->kind = PUSH_PROFILE;
	else if (is_group(url->path) && !url->query)
		url->kind = PUSH_METRICS;
	else
		return err_set(err,
			       "'%s' is neither a Pushgateway's (http://HOST:9091/metrics/job/NAME) nor a Pyroscope's "
			       "(http://HOST:4040/ingest)",
			       text);
	return 0;
}

static char *without_brackets(const char *host)
{
	size_t n = strlen(host);

	return *host == '[' && n > 2 ? xstrndup(host + 1, n - 2) : xstrdup(host);
}

static int take_parts(const struct evhttp_uri *uri, const char *text, struct push_url *url, struct err *err)
{
	const char *scheme = uri ? evhttp_uri_get_scheme(uri) : NULL, *host = uri ? evhttp_uri_get_host(uri) : NULL;
	int port = uri ? evhttp_uri_get_port(uri) : -1;

	if (scheme && strcasecmp(scheme, "https") == 0)
		return err_set(err,
			       "'%s': https is not spoken here; push over http to an agent or a proxy of this machine "
			       "that encrypts",
			       text);
	if (!scheme || strcasecmp(scheme, "http") != 0 || !host || !*host || port == 0)
		return err_set(err, "'%s' is no URL; it is http://HOST[:PORT]/PATH", text);
	if (evhttp_uri_get_userinfo(uri))
		return err_set(err, "'%s': a name and password are not sent; leave out what is before the @", text);
	url->host = without_brackets(host);
	url->port = (uint16_t)(port < 0 ? HTTP_PORT : port);
	url->authority = port < 0 ? xstrdup(host) : xasprintf("%s:%d", host, port);
	url->path = xstrdup(evhttp_uri_get_path(uri) ? evhttp_uri_get_path(uri) : "");
	url->query = evhttp_uri_get_query(uri) ? xstrdup(evhttp_uri_get_query(uri)) : NULL;
	return set_kind(url, text, err);
}

int push_url_parse(const char *text, struct push_url *url, struct err *err)
{
	struct evhttp_uri *uri = evhttp_uri_parse(text);
	int ret;

	*url = (struct push_url){0};
	ret = take_parts(uri, text, url, err);
	if (uri)
		evhttp_uri_free(uri);
	if (ret)
		push_url_release(url);
	return ret;
}

void push_url_release(struct push_url *url)
{
	free(url->host);
	free(url->authority);
	free(url->path);
	free(url->query);
	*url = (struct push_url){0};
}
