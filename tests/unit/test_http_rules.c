#include "cli/serve/http_rules.h"

#include <criterion/criterion.h>

static void check_address(const char *text, const char *url, bool loopback)
{
	struct http_address address;
	struct err err = {0};
	char got[96];

	cr_assert_eq(http_address_parse(text, &address, &err), 0, "%s: %s", text, err.text);
	http_address_url(&address, got, sizeof(got));
	cr_assert_str_eq(got, url);
	cr_assert_eq(address.loopback, loopback);
}

Test(http_rules, addresses)
{
	check_address("", "http://127.0.0.1:6060", true);
	check_address("8080", "http://127.0.0.1:8080", true);
	check_address("0", "http://127.0.0.1:0", true);
	check_address("localhost:1", "http://127.0.0.1:1", true);
	check_address("127.1.2.3:1", "http://127.1.2.3:1", true);
	check_address("[::1]:70", "http://[::1]:70", true);
	check_address("[::]:70", "http://[::]:70", false);
	check_address("0.0.0.0:70", "http://0.0.0.0:70", false);
	check_address("10.0.0.1", "http://10.0.0.1:6060", false);
}

Test(http_rules, addresses_that_are_none)
{
	static const char *const bad[] = {"65536", "x", "1.2.3:4", "::1", "[::1", "[::1]x", "127.0.0.1:", "127.0.0.1:x",
					  "127.0.0.1:99999", ":80", "example.org:80"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct http_address address;
		struct err err = {0};

		cr_expect_eq(http_address_parse(bad[i], &address, &err), -1, "%s", bad[i]);
		cr_expect(err.text[0]);
	}
}

Test(http_rules, hosts)
{
	cr_assert(http_host_is_local(NULL));
	cr_assert(http_host_is_local("localhost"));
	cr_assert(http_host_is_local("LocalHost:6060"));
	cr_assert(http_host_is_local("127.0.0.1:1"));
	cr_assert(http_host_is_local("[::1]:6060"));
	cr_assert_not(http_host_is_local(""));
	cr_assert_not(http_host_is_local("evil.example"));
	cr_assert_not(http_host_is_local("localhost.evil.example"));
	cr_assert_not(http_host_is_local("127.0.0.1.evil.example"));
	cr_assert_not(http_host_is_local("127.0.0.1:evil"));
	cr_assert_not(http_host_is_local("127.0.0.1@evil.example"));
	cr_assert_not(http_host_is_local("10.0.0.1"));
	cr_assert_not(http_host_is_local("[::1"));
}

Test(http_rules, origins)
{
	cr_assert(http_origin_fits(NULL, "localhost:1"));
	cr_assert(http_origin_fits("http://localhost:1", "localhost:1"));
	cr_assert_not(http_origin_fits("http://localhost:2", "localhost:1"));
	cr_assert_not(http_origin_fits("https://localhost:1", "localhost:1"));
	cr_assert_not(http_origin_fits("null", "localhost:1"));
	cr_assert_not(http_origin_fits("http://evil.example", "localhost:1"));
	cr_assert_not(http_origin_fits("http://localhost:1", NULL));
}

Test(http_rules, tokens)
{
	cr_assert(http_token_fits("secret", "secret"));
	cr_assert_not(http_token_fits("secre", "secret"));
	cr_assert_not(http_token_fits("secrets", "secret"));
	cr_assert_not(http_token_fits("", "secret"));
	cr_assert_not(http_token_fits(NULL, "secret"));
	cr_assert_not(http_token_fits("", ""));
}
