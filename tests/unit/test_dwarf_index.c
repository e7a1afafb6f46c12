/* What a linker and the ways of saying where a file is make of lines. How frames are named: test_symbols.c. */
#include "cli/symbols/dwarf_index.h"
#include "tests/unit/build_folder.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(dwarf_index, .init = make_dir, .fini = remove_dir, .timeout = 60);

/* [*lo, *hi) of a function of dir/prog. */
static void function_range(const char *name, uint64_t *lo, uint64_t *hi)
{
	unsigned long long addr = 0, size = 0;
	char command[256];
	FILE *f;

	snprintf(command, sizeof(command), "nm -S %s/prog | grep ' %s$'", dir, name);
	f = popen(command, "r");
	cr_assert_eq(fscanf(f, "%llx %llx", &addr, &size), 2, "no %s", name);
	pclose(f);
	*lo = addr;
	*hi = addr + size;
}

struct program {
	int fd;
	Dwarf *dwarf;
	struct dwarf_index *index;
};

static struct program program_open(void)
{
	struct program program;
	char path[64];

	snprintf(path, sizeof(path), "%s/prog", dir);
	program.fd = open(path, O_RDONLY | O_CLOEXEC);
	program.dwarf = dwarf_begin(program.fd, DWARF_C_READ);
	cr_assert_not_null(program.dwarf);
	program.index = dwarf_index_new(program.dwarf);
	return program;
}

static void program_close(struct program *program)
{
	dwarf_index_free(program->index);
	dwarf_end(program->dwarf);
	close(program->fd);
}

/* Where helper() is: in a header that was found by a relative path. */
static void expect_header(const char *options, const char *base, const char *header_dir, const char *file)
{
	char command[256];
	struct program program;
	struct dwarf_frame frame;
	uint64_t lo, hi;

	snprintf(command, sizeof(command), "gcc -g %s main.c -o prog", options);
	cr_assert_eq(run(command), 0, "failed: %s", command);
	function_range("helper", &lo, &hi);
	program = program_open();
	cr_assert_eq(dwarf_index_find(program.index, lo, &frame, 1), 1);
	cr_expect_str_eq(frame.name, "helper");
	cr_expect_str_eq(frame.base ? frame.base : "none", base, "%s: %s", options, frame.base);
	cr_expect_str_eq(frame.dir ? frame.dir : "none", header_dir, "%s: %s", options, frame.dir);
	cr_expect_str_eq(frame.file, file, "%s: %s", options, frame.file);
	cr_expect_eq(frame.line, 1);
	program_close(&program);
}

Test(dwarf_index, directories_of_files)
{
	cr_assert_eq(run("mkdir inc && echo 'int helper(int n) { return n; }' | tee inc/h.h >h.h &&"
			 "{ echo '#include \"h.h\"'; echo 'int main(void) { return helper(0); }'; } >inc/main.c &&"
			 "sed s/h.h/inc.h/ inc/main.c >main.c && mv h.h inc.h"),
		     0);
	expect_header("-gdwarf-4", "none", dir, "inc.h");
	expect_header("-gdwarf-5", "none", dir, "inc.h");
	expect_header("-gdwarf-5 -ffile-prefix-map=$PWD=src", "none", "src", "inc.h");
	cr_assert_eq(run("cp inc/main.c main.c"), 0);
	expect_header("-Iinc -gdwarf-4", dir, "inc", "h.h");
	expect_header("-Iinc -gdwarf-5", dir, "inc", "h.h");
	expect_header("-I$PWD/inc -gdwarf-4 -ffile-prefix-map=$PWD=.", "none", "./inc", "h.h");
	expect_header("-I$PWD/inc -gdwarf-5 -ffile-prefix-map=$PWD=src", "none", "src/inc", "h.h");
}

/* Lines of a function that was not linked in have addresses from 0 on, over those of real code. */
Test(dwarf_index, lines_of_discarded_code)
{
	struct program program;
	uint64_t lo = 0, hi = 0;

	cr_assert_eq(run("{ echo 'volatile int v;'; echo 'void unused(void) {';"
			 "for i in $(seq 900); do echo \"  v += $i; v ^= v * $i;\"; done; echo '}';"
			 "echo 'int main(void) {'; echo '  v++;'; echo '  v *= 3;'; echo '  return v;';"
			 "echo '}'; } >gc.c;"
			 "gcc -g -ffunction-sections -Wl,--gc-sections gc.c -o prog"),
		     0);
	function_range("main", &lo, &hi);
	program = program_open();
	for (uint64_t addr = lo; addr < hi; addr++) {
		struct dwarf_frame frame;

		cr_assert_eq(dwarf_index_find(program.index, addr, &frame, 1), 1);
		cr_expect_str_eq(frame.name, "main");
		cr_expect(frame.line >= 904 && frame.line <= 908, "%#lx: line %u", addr, frame.line);
	}
	program_close(&program);
}
