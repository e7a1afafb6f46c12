#include "cli/symbols/string_pool.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(string_pool, each_string_once, .timeout = 10)
{
	struct string_pool pool = {0};
	char text[32];
	const char *first[5000];

	cr_expect_null(string_pool_add(&pool, NULL));
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			const char *s;

			snprintf(text, sizeof(text), "name %d", i);
			s = string_pool_add(&pool, text);
			cr_assert_str_eq(s, text);
			if (round == 0)
				first[i] = s;
			else
				cr_assert_eq(s, first[i]);
		}
	cr_expect_eq(pool.n, 5000);
	string_pool_release(&pool);
}

Test(string_pool, longer_than_a_chunk, .timeout = 10)
{
	struct string_pool pool = {0};
	char *text = malloc(300001);
	const char *s;

	memset(text, 'x', 300000);
	text[300000] = '\0';
	s = string_pool_add(&pool, text);
	cr_expect_str_eq(s, text);
	cr_expect_str_eq(string_pool_add(&pool, ""), "");
	cr_expect_eq(string_pool_add(&pool, text), s);
	free(text);
	string_pool_release(&pool);
}
