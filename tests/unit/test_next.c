/* What is found is what dlsym() finds. */
#include "shim/next.h"
#include "shim/real.h"

#include <criterion/criterion.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define NAME(ret, name, symbol, params) symbol,
	REAL_TABLE(NAME)
#undef NAME
	/* functions chosen at the start, an old and a new version, data, of other libraries, none */
	"strlen",
	"memcpy",
	"gettimeofday",
	"regexec",
	"pthread_cond_wait",
	"glob",
	"environ",
	"deflate",
	"dwarf_begin_elf",
	"no_such_function",
	""};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

Test(next, as_dlsym)
{
	void *found[N_NAMES] = {0};
	struct next_symbol symbols[N_NAMES];
	size_t n_found = 0;

	for (size_t i = 0; i < N_NAMES; i++)
		symbols[i] = (struct next_symbol){names[i], &found[i]};
	mw_next_find(symbols, N_NAMES);
	for (size_t i = 0; i < N_NAMES; i++) {
		cr_expect_eq(found[i], dlsym(RTLD_NEXT, names[i]), "%s", names[i]);
		n_found += found[i] != NULL;
	}
	cr_expect_gt(n_found, 40);
	cr_expect_null(found[N_NAMES - 2]);
}

Test(next, what_is_known_stays)
{
	void *other = &other, *none = NULL;
	const struct next_symbol symbols[] = {{"malloc", &other}, {"free", &none}};

	mw_next_find(symbols, 2);
	cr_expect_eq(other, (void *)&other);
	cr_expect_eq(none, dlsym(RTLD_NEXT, "free"));
}

Test(next, in_one_library)
{
	void *of_libm = NULL, *of_libc = NULL, *elsewhere = NULL, *part_of_name = NULL;
	void *libm = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL), *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_LOCAL);

	cr_assert(libm && libc);
	mw_next_find_in("libm.so.6", &(struct next_symbol){"cos", &of_libm}, 1);
	mw_next_find_in("libc.so.6", &(struct next_symbol){"qsort", &of_libc}, 1);
	mw_next_find_in("libc.so.6", &(struct next_symbol){"cos", &elsewhere}, 1);
	mw_next_find_in("c.so.6", &(struct next_symbol){"qsort", &part_of_name}, 1);
	cr_expect_eq(of_libm, dlsym(libm, "cos"));
	cr_expect_eq(of_libc, dlsym(libc, "qsort"));
	cr_expect_null(elsewhere);
	cr_expect_null(part_of_name);
	dlclose(libm);
	dlclose(libc);
}

/* Tables of the older kind alone, and with versions that are hidden. */
Test(next, in_a_library_with_a_sysv_hash_table)
{
	char dir[] = "/tmp/memwatch-next-XXXXXX", command[512], path[64];
	void *one = NULL, *two = NULL, *library;

	cr_assert(mkdtemp(dir));
	snprintf(command, sizeof(command),
		 "cd %s && printf 'int one_1(void){return 1;} int one_2(void){return 2;} int two(void){return 2;}"
		 "__asm__(\".symver one_1,one@V1\");__asm__(\".symver one_2,one@@V2\");' >a.c &&"
		 "printf 'V1 {global: one; local: one_*;}; V2 {global: one; two;} V1;' >a.map &&"
		 "gcc -shared -fPIC -o sysv-next.so a.c -Wl,--hash-style=sysv,--version-script=a.map",
		 dir);
	cr_assert_eq(system(command), 0);
	snprintf(path, sizeof(path), "%s/sysv-next.so", dir);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	cr_assert(library, "%s", dlerror());
	mw_next_find_in("sysv-next.so", (struct next_symbol[]){{"one", &one}, {"two", &two}}, 2);
	cr_expect(one && two);
	cr_expect_eq(one, dlsym(library, "one"));
	cr_expect_eq(two, dlsym(library, "two"));
	dlclose(library);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	cr_assert_eq(system(command), 0);
}
