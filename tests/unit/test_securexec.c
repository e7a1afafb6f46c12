#include "cli/start/securexec.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

TestSuite(securexec, .timeout = 10);

static const struct securexec_user user = {1000, 1000, 100, 100, false}, root = {0, 0, 0, 0, false};

Test(securexec, plain_file)
{
	const struct securexec_file file = {.mode = S_IFREG | 0755};

	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_NO);
	cr_expect_eq(securexec_decide(&root, &file), SECUREXEC_NO);
}

Test(securexec, set_user_id_matters_when_the_id_changes)
{
	struct securexec_file file = {.mode = S_IFREG | S_ISUID | 0755};

	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_SETUID);
	cr_expect_eq(securexec_decide(&root, &file), SECUREXEC_NO);
	file.uid = 1000;
	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_NO);
	cr_expect_eq(securexec_decide(&root, &file), SECUREXEC_SETUID);
}

Test(securexec, set_group_id_needs_group_execution)
{
	struct securexec_file file = {.mode = S_IFREG | S_ISGID | 0755, .gid = 5};

	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_SETGID);
	file.mode = S_IFREG | S_ISGID | 0745;
	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_NO);
}

Test(securexec, bits_without_effect)
{
	struct securexec_user locked = user;
	struct securexec_file file = {.mode = S_IFREG | S_ISUID | 0755, .nosuid = true};

	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_NO);
	file.nosuid = false;
	locked.no_new_privs = true;
	cr_expect_eq(securexec_decide(&locked, &file), SECUREXEC_NO);
}

Test(securexec, file_capabilities)
{
	/* revision 2, effective, CAP_NET_RAW */
	struct securexec_file file = {
		.mode = S_IFREG | 0755, .capability = {1, 0, 0, 2, 0, 0x20}, .capability_bytes = 20};

	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_CAPABILITIES);
	cr_expect_eq(securexec_decide(&root, &file), SECUREXEC_NO);
	file.capability[0] = 0;
	file.capability[5] = 0;
	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_NO);
	file.capability_bytes = 3; /* damaged */
	cr_expect_eq(securexec_decide(&user, &file), SECUREXEC_NO);
}

Test(securexec, callers_own_ids)
{
	const struct securexec_user mixed = {1000, 0, 100, 100, false};
	struct securexec_file file = {.mode = S_IFREG | 0755};

	cr_expect_eq(securexec_decide(&mixed, &file), SECUREXEC_CALLER);
	file.mode |= S_ISUID;
	file.uid = 1000;
	cr_expect_eq(securexec_decide(&mixed, &file), SECUREXEC_NO);
}
