#include "cli/opts/complete.h"

#include "cli/opts/opts.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct complete_command commands[] = {{"run", "Runs it: 'a' [program]", OPTS_RUN},
						   {"scan", "Scans.", OPTS_SCAN}};

static const char *script(struct out *out, const char *shell)
{
	cr_assert_eq(complete_print(out, shell, commands, 2), 0);
	return out_text(out, NULL);
}

Test(complete, bash_has_the_options_of_each_command)
{
	struct out *out = out_memory();
	const char *text = script(out, "bash"), *run = strstr(text, "\trun) printf"),
		   *scan = strstr(text, "\tscan) printf");

	cr_assert(run && scan);
	cr_expect(strstr(run, " --sarif= ") && strstr(run, " --sarif= ") < scan);
	cr_expect_null(strstr(scan, " --sarif= "));
	cr_expect(strstr(text, "\t--color) printf '%s' 'auto always never' ;;"));
	cr_expect_null(strstr(text, "--validate-unwind"));
	out_close(out, NULL);
}

Test(complete, texts_cannot_break_out_of_their_quotes)
{
	struct out *out = out_memory();

	cr_expect(strstr(script(out, "zsh"), "'run:Runs it\\: '\\''a'\\'' \\[program\\]'"));
	out_close(out, NULL);
	out = out_memory();
	cr_expect(strstr(script(out, "fish"), "'Runs it: \\'a\\' [program]'"));
	out_close(out, NULL);
}

Test(complete, another_shell)
{
	struct out *out = out_memory();

	cr_expect_eq(complete_print(out, "csh", commands, 2), -1);
	cr_expect_str_empty(out_text(out, NULL));
	out_close(out, NULL);
}
