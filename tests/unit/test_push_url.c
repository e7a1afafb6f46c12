#include "cli/serve/push_url.h"

#include <criterion/criterion.h>
#include <string.h>

static void accepts(const char *text, enum push_kind kind, const char *host, unsigned port, const char *path,
		    const char *query)
{
	struct push_url url;
	struct err err = {0};

	cr_assert_eq(push_url_parse(text, &url, &err), 0, "%s: %s", text, err.text);
	cr_expect_eq(url.kind, kind, "%s", text);
	cr_expect_str_eq(url.host, host);
	cr_expect_eq(url.port, port);
	cr_expect_str_eq(url.path, path);
	cr_expect(query ? url.query && !strcmp(url.query, query) : !url.query, "%s", text);
	push_url_release(&url);
}

static void refuses(const char *text, const char *words)
{
	struct push_url url;
	struct err err = {0};

	cr_expect_eq(push_url_parse(text, &url, &err), -1, "%s", text);
	cr_expect(strstr(err.text, words), "%s: %s", text, err.text);
	cr_expect(!url.host && !url.path);
	push_url_release(&url);
}

Test(push_url, pushgateway)
{
	accepts("http://pgw:9091/metrics/job/nightly", PUSH_METRICS, "pgw", 9091, "/metrics/job/nightly", NULL);
	accepts("http://pgw/a/metrics/job/x/instance/y", PUSH_METRICS, "pgw", 80, "/a/metrics/job/x/instance/y", NULL);
	accepts("HTTP://[::1]:1/metrics/job@base64/eA", PUSH_METRICS, "::1", 1, "/metrics/job@base64/eA", NULL);
}

Test(push_url, pyroscope)
{
	accepts("http://127.0.0.1:4040/ingest", PUSH_PROFILE, "127.0.0.1", 4040, "/ingest", NULL);
	accepts("http://h/pyroscope/ingest?name=a%7Benv=ci%7D", PUSH_PROFILE, "h", 80, "/pyroscope/ingest",
		"name=a%7Benv=ci%7D");
}

Test(push_url, refused)
{
	static const char kinds[] = "neither a Pushgateway's (http://HOST:9091/metrics/job/NAME) nor a Pyroscope's";

	refuses("http://h", kinds);
	refuses("http://h/", kinds);
	refuses("http://h/metrics", kinds);
	refuses("http://h/metrics/job", kinds);
	refuses("http://h/metrics/job/", kinds);
	refuses("http://h/metrics/job//x", kinds);
	refuses("http://h/metrics/jobs/x", kinds);
	refuses("http://h/metrics/job/x?y", kinds);
	refuses("http://h/ingest/x", kinds);
	refuses("https://h/ingest", "https is not spoken here");
	refuses("http://me:pw@h/ingest", "leave out what is before the @");
	refuses("", "is no URL; it is http://HOST[:PORT]/PATH");
	refuses("h:9091/metrics/job/x", "is no URL");
	refuses("/metrics/job/x", "is no URL");
	refuses("ftp://h/ingest", "is no URL");
	refuses("http:///ingest", "is no URL");
	refuses("http://h:0/ingest", "is no URL");
	refuses("http://h:99999/ingest", "is no URL");
	refuses("http://h:x/ingest", "is no URL");
	refuses("http://h/in gest", "is no URL");
}
