/*
 * Programs are compiled on the spot, and what symbols_resolve() says of each byte of their functions is compared with
 * what addr2line says.
 */
#include "cli/symbols/symbols.h"
#include "tests/unit/build_folder.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRAMES_MAX = 32 };

/* Without headers, so that it compiles fast. */
static const char cxx_source[] =
	"extern \"C\" void *malloc(unsigned long);\n"
	"namespace ns {\n"
	"struct A {\n"
	"  int n; A(int k) : n(k) {}\n"
	"  template <class T> __attribute__((always_inline)) T *get(int k)\n"
	"  { return (T *)malloc(sizeof(T) * k + n); }\n"
	"};\n"
	"static inline __attribute__((always_inline)) void *deep(int n)\n"
	"{\n"
	"  A a(n);\n"
	"  return a.get<long>(n * 2);\n"
	"}\n"
	"__attribute__((noinline)) void *outer(int n, const char *s)\n"
	"{\n"
	"  auto lambda = [&](int k) { return deep(k + s[0]); };\n"
	"  void *p = lambda(n);\n"
	"  if (n > 3)\n"
	"    p = deep(*(int *)p);\n"
	"  return p;\n"
	"}\n"
	"static __attribute__((noinline)) void *hidden(int n) { return malloc(n); }\n"
	"}\n"
	"extern \"C\" __attribute__((noinline)) void *plain(int n) { return ns::hidden(n + 1); }\n"
	"void *volatile sink;\n"
	"int main(int c, char **v) { sink = ns::outer(c, v[0]); sink = plain(c); return 0; }\n";

static void make_source(void)
{
	char path[64];
	FILE *f;

	unsetenv("DEBUGINFOD_URLS");
	make_dir();
	snprintf(path, sizeof(path), "%s/prog.cc", dir);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fputs(cxx_source, f);
	fclose(f);
}

/* Criterion runs no .fini for a test that is skipped. */
static void skip(const char *why)
{
	remove_dir();
	cr_skip_test("%s", why);
}

TestSuite(symbols, .init = make_source, .fini = remove_dir, .timeout = 60);

static FILE *run_reading(const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd %s && { %s; }", dir, command);
	return popen(line, "r");
}

/* [*lo, *hi) of the function whose symbol is `name`; from `file`, which has a symbol table. */
static bool function_range(const char *file, const char *name, uint64_t *lo, uint64_t *hi)
{
	char command[256], symbol[256];
	unsigned long long addr, size;
	bool found = false;
	FILE *f;

	snprintf(command, sizeof(command), "nm -S --defined-only %s", file);
	f = run_reading(command);
	for (char line[512]; fgets(line, sizeof(line), f);)
		if (sscanf(line, "%llx %llx %*c %255s", &addr, &size, symbol) == 3 && strcmp(symbol, name) == 0) {
			*lo = addr;
			*hi = addr + size;
			found = true;
		}
	pclose(f);
	return found;
}

static uint64_t function_start(const char *file, const char *name)
{
	uint64_t lo = 0, hi = 0;

	cr_assert(function_range(file, name, &lo, &hi), "%s has no %s", file, name);
	return lo + 1;
}

static size_t resolve(struct symbols *symbols, const char *file, uint64_t vaddr, struct symbols_frame *frames)
{
	char path[128];
	struct symbols_object object = {.path = path};

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return symbols_resolve(symbols, &object, vaddr, frames, FRAMES_MAX);
}

/* One answer of addr2line: pairs of lines, function and file:line. Compares and says how many frames were inlined. */
static int expect_frames(const char *file, uint64_t addr, char answer[][1024], size_t n_lines,
			 const struct symbols_frame *frames, size_t n)
{
	cr_assert_eq(n, n_lines / 2, "%s %#lx: %zu frames, addr2line has %zu", file, addr, n, n_lines / 2);
	for (size_t i = 0; i < n; i++)
		answer[2 * i][strcspn(answer[2 * i], "\n")] = '\0';
	for (size_t i = 0; i < n; i++) {
		char where[1024];

		snprintf(where, sizeof(where), "%s:%u", frames[i].file ? frames[i].file : "??", frames[i].line);
		if (frames[i].line == 0)
			strcpy(strrchr(where, ':'), ":?");
		answer[2 * i + 1][strcspn(answer[2 * i + 1], " \n")] = '\0'; /* "(discriminator 2)" */
		cr_expect_str_eq(where, answer[2 * i + 1], "%s %#lx frame %zu: %s, addr2line: %s", file, addr, i, where,
				 answer[2 * i + 1]);
		cr_expect_eq(frames[i].inlined, i + 1 < n);
		/* binutils gives an inlined function without a linkage name the name of the function around it */
		if (frames[i].inlined && strcmp(answer[2 * i], answer[2 * n - 2]) == 0)
			continue;
		cr_expect_str_eq(frames[i].function ? frames[i].function : "??", answer[2 * i],
				 "%s %#lx frame %zu: %s, addr2line: %s", file, addr, i, frames[i].function,
				 answer[2 * i]);
	}
	return (int)n - 1;
}

/* Each byte of the program's functions against `tool`. Names and lines are read from `file`, symbols from `full`. */
static void expect_like(const char *tool, const char *file, const char *full)
{
	static const char *const functions[] = {"_ZN2ns5outerEiPKc", "_ZN2nsL6hiddenEi", "plain", "main"};
	static char answer[2 * FRAMES_MAX + 1][1024];
	struct symbols *symbols = symbols_new(NULL);
	int inlined = 0;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		uint64_t lo = 0, hi = 0;
		char command[256];
		size_t n_lines = 0;
		FILE *f;

		if (!function_range(full, functions[i], &lo, &hi))
			continue; /* inlined */
		snprintf(command, sizeof(command), "printf '0x%%x\\n' $(seq %lu %lu) | %s -a -i -f -C -e %s", lo, hi,
			 tool, file);
		f = run_reading(command);
		cr_assert_not_null(fgets(answer[0], sizeof(answer[0]), f));
		for (uint64_t addr = lo; addr < hi; addr++) {
			struct symbols_frame frames[FRAMES_MAX];

			for (n_lines = 0; fgets(answer[n_lines], sizeof(answer[0]), f); n_lines++)
				if (strncmp(answer[n_lines], "0x", 2) == 0 || n_lines == 2 * FRAMES_MAX)
					break;
			inlined += expect_frames(file, addr, answer, n_lines, frames,
						 resolve(symbols, file, addr, frames));
		}
		pclose(f);
	}
	cr_expect_gt(inlined, 20, "%s: nothing was inlined: this tests nothing", file);
	cr_expect_eq(symbols_unresolved(symbols), 0);
	symbols_free(symbols);
}

static bool have(const char *program)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s", program);
	return run(command) == 0;
}

static void expect_build(const char *command)
{
	cr_assert_eq(run(command), 0, "failed: %s", command);
	expect_like("addr2line", "prog", "prog");
}

Test(symbols, like_addr2line_dwarf5)
{
	expect_build("g++ -O2 -g -gdwarf-5 prog.cc -o prog");
}

Test(symbols, like_addr2line_dwarf4)
{
	expect_build("g++ -O2 -g -gdwarf-4 prog.cc -o prog");
}

Test(symbols, like_addr2line_dwarf2)
{
	expect_build("g++ -O2 -gdwarf-2 prog.cc -o prog");
}

Test(symbols, like_addr2line_compressed_and_not_pie)
{
	expect_build("g++ -O2 -g -gz -no-pie prog.cc -o prog");
}

Test(symbols, like_addr2line_compressed_as_formerly)
{
	expect_build("g++ -O2 -gdwarf-4 -gz=zlib-gnu prog.cc -o prog");
}

Test(symbols, like_addr2line_without_aranges)
{
	expect_build("g++ -O2 -g -gno-aranges prog.cc -o prog || g++ -O2 -g prog.cc -o prog;"
		     "objcopy --remove-section .debug_aranges prog");
}

Test(symbols, like_addr2line_separate_debug_file)
{
	cr_assert_eq(run("g++ -O2 -g -Wl,--build-id=none prog.cc -o full && cp full prog && mkdir .debug &&"
			 "objcopy --only-keep-debug full .debug/prog.debug && strip prog &&"
			 "objcopy --add-gnu-debuglink=.debug/prog.debug prog"),
		     0);
	expect_like("addr2line", "prog", "full");
}

/* Here binutils 2.40 has no names, or wrong files ("<artificial>"); the reference is LLVM's. */
static void expect_build_llvm(const char *compiler, const char *options)
{
	char command[256];

	if (!have("llvm-addr2line") || !have(compiler))
		skip("needs llvm-addr2line and clang");
	snprintf(command, sizeof(command), "%s -O2 -g %s prog.cc -o prog", compiler, options);
	cr_assert_eq(run(command), 0, "failed: %s", command);
	expect_like("llvm-addr2line", "prog", "prog");
}

Test(symbols, like_llvm_lto)
{
	expect_build_llvm("g++", "-flto");
}

Test(symbols, like_llvm_split_dwarf)
{
	expect_build_llvm("g++", "-gsplit-dwarf");
}

Test(symbols, like_llvm_clang)
{
	expect_build_llvm("clang++", "");
}

Test(symbols, scope_and_parameters_without_linkage_names)
{
	struct symbols *symbols = symbols_new(NULL);
	struct symbols_frame frames[FRAMES_MAX];
	size_t n;

	cr_assert_eq(run("g++ -O2 -g1 prog.cc -o prog"), 0);
	n = resolve(symbols, "prog", function_start("prog", "_ZN2ns5outerEiPKc"), frames);
	cr_expect_str_eq(frames[n - 1].function, "ns::outer(int, char const*)");
	cr_expect_str_eq(strrchr(frames[n - 1].file, '/'), "/prog.cc");
	symbols_free(symbols);
}

Test(symbols, symbol_tables_without_dwarf)
{
	struct symbols *symbols = symbols_new(NULL);
	struct symbols_frame frames[FRAMES_MAX];
	uint64_t outer, hidden;

	cr_assert_eq(run("g++ -O2 -rdynamic prog.cc -o symtab && strip -o dynsym symtab &&"
			 "g++ -O2 prog.cc -o nothing && strip nothing"),
		     0);
	outer = function_start("symtab", "_ZN2ns5outerEiPKc");
	hidden = function_start("symtab", "_ZN2nsL6hiddenEi");
	cr_expect_eq(resolve(symbols, "symtab", hidden, frames), 1);
	cr_expect_str_eq(frames[0].function, "ns::hidden(int)");
	cr_expect_null(frames[0].file);
	cr_expect_eq(frames[0].line, 0);
	cr_expect_eq(resolve(symbols, "dynsym", outer, frames), 1);
	cr_expect_str_eq(frames[0].function, "ns::outer(int, char const*)");
	cr_expect_eq(symbols_unresolved(symbols), 0);
	cr_expect_eq(resolve(symbols, "dynsym", hidden, frames), 1);
	cr_expect_null(frames[0].function, "the nearest symbol is not the function");
	cr_expect_eq(symbols_unresolved(symbols), 1);
	resolve(symbols, "nothing", outer, frames);
	resolve(symbols, "nothing", outer, frames);
	cr_expect_null(frames[0].function);
	cr_expect_eq(symbols_unresolved(symbols), 2, "each address counts once");
	symbols_free(symbols);
}

static size_t read_build_id(const char *file, uint8_t *id, size_t max)
{
	char command[128];
	size_t n = 0;
	unsigned byte;
	FILE *f;

	snprintf(command, sizeof(command), "readelf -n %s | sed -n 's/.*Build ID: //p'", file);
	f = run_reading(command);
	while (n < max && fscanf(f, "%2x", &byte) == 1)
		id[n++] = (uint8_t)byte;
	pclose(f);
	return n;
}

Test(symbols, only_the_file_with_the_build_id)
{
	struct symbols *symbols = symbols_new(NULL);
	struct symbols_frame frames[FRAMES_MAX];
	char path[64];
	uint8_t id[64];
	struct symbols_object object = {.path = path, .build_id = id};
	uint64_t vaddr;

	cr_assert_eq(run("g++ -O2 -g -Wl,--build-id prog.cc -o prog"), 0);
	snprintf(path, sizeof(path), "%s/prog", dir);
	object.build_id_bytes = read_build_id("prog", id, sizeof(id));
	cr_assert_eq(object.build_id_bytes, 20);
	vaddr = function_start("prog", "plain");
	symbols_resolve(symbols, &object, vaddr, frames, FRAMES_MAX);
	cr_expect_str_eq(frames[0].function, "plain");
	id[19] ^= 1;
	cr_expect_eq(symbols_resolve(symbols, &object, vaddr, frames, FRAMES_MAX), 1);
	cr_expect_null(frames[0].function);
	cr_expect_null(frames[0].file);
	object.build_id_bytes = 19;
	symbols_resolve(symbols, &object, vaddr, frames, FRAMES_MAX);
	cr_expect_null(frames[0].function);
	symbols_free(symbols);
}

/* A server may also be a folder. */
Test(symbols, debuginfod)
{
	struct symbols *symbols = symbols_new(NULL);
	struct symbols_frame frames[FRAMES_MAX];
	char path[64], text[128];
	uint8_t id[64];
	struct symbols_object object = {.path = path, .build_id = id};
	uint64_t vaddr;

	if (run("/sbin/ldconfig -p | grep -q libdebuginfod.so.1") != 0)
		skip("needs libdebuginfod");
	cr_assert_eq(run("g++ -O2 -g -Wl,--build-id prog.cc -o full && cp full prog && strip prog &&"
			 "id=$(readelf -n full | sed -n 's/.*Build ID: //p') && mkdir -p cache buildid/$id &&"
			 "cp full buildid/$id/debuginfo && cp prog buildid/$id/executable"),
		     0);
	snprintf(text, sizeof(text), "%s/cache", dir);
	setenv("DEBUGINFOD_CACHE_PATH", text, 1);
	snprintf(text, sizeof(text), "file://%s", dir);
	setenv("DEBUGINFOD_URLS", text, 1);
	object.build_id_bytes = read_build_id("prog", id, sizeof(id));
	vaddr = function_start("full", "main");
	snprintf(path, sizeof(path), "%s/prog", dir);
	symbols_resolve(symbols, &object, vaddr, frames, FRAMES_MAX);
	cr_expect_str_eq(frames[0].function ? frames[0].function : "??", "main");
	cr_expect_str_eq(frames[0].file ? strrchr(frames[0].file, '/') : "??", "/prog.cc");
	snprintf(path, sizeof(path), "%s/replaced", dir);
	cr_assert_eq(run("cp /bin/true replaced"), 0);
	symbols_resolve(symbols, &object, vaddr, frames, FRAMES_MAX);
	cr_expect_str_eq(frames[0].file ? strrchr(frames[0].file, '/') : "??", "/prog.cc");
	symbols_free(symbols);
}

Test(symbols, like_addr2line_common_file_of_dwz)
{
	if (!have("dwz"))
		skip("needs dwz");
	cr_assert_eq(run("g++ -O2 -g prog.cc -o prog && g++ -O2 -g prog.cc -Dsink=other -o second &&"
			 "dwz -m common.debug -M $PWD/common.debug prog second && readelf -S prog | grep -q altlink"),
		     0);
	expect_like("addr2line", "prog", "prog");
}

Test(symbols, answers_are_cached_and_cut)
{
	struct symbols *symbols = symbols_new(NULL);
	struct symbols_frame all[FRAMES_MAX], again[FRAMES_MAX];
	char path[64];
	struct symbols_object object = {.path = path};
	uint64_t lo = 0, hi = 0;
	size_t n = 0;

	cr_assert_eq(run("g++ -O2 -g prog.cc -o prog"), 0);
	snprintf(path, sizeof(path), "%s/prog", dir);
	cr_assert(function_range("prog", "_ZN2ns5outerEiPKc", &lo, &hi));
	while (lo < hi && (n = resolve(symbols, "prog", lo, all)) < 3)
		lo++;
	cr_assert_geq(n, 3);
	unlink(path); /* known answers need no file */
	cr_expect_eq(resolve(symbols, "prog", lo, again), n);
	cr_expect_eq(memcmp(all, again, n * sizeof(all[0])), 0);
	cr_expect_eq(symbols_resolve(symbols, &object, lo, again, 1), 1);
	cr_expect_eq(again[0].function, all[0].function);
	cr_expect(again[0].inlined);
	symbols_free(symbols);
}

Test(symbols, what_is_not_an_object_file)
{
	static const char *const files[] = {"missing", ".", "fifo", "prog.cc", "empty", "prog.o", "../../dev/zero"};
	struct symbols *symbols = symbols_new(NULL);
	struct symbols_frame frames[FRAMES_MAX];

	cr_assert_eq(run("mkfifo fifo && : >empty && g++ -c prog.cc"), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		memset(frames, 1, sizeof(frames));
		cr_expect_eq(resolve(symbols, files[i], 0x1000, frames), 1, "%s", files[i]);
		cr_expect_null(frames[0].function);
		cr_expect_null(frames[0].file);
		cr_expect_eq(frames[0].line, 0);
		cr_expect_not(frames[0].inlined);
	}
	cr_expect_eq(symbols_unresolved(symbols), sizeof(files) / sizeof(files[0]));
	symbols_free(symbols);
	symbols_free(NULL);
}

/* Writes a copy of `bytes` that is cut or has bytes changed. */
static void write_damaged(const char *path, const unsigned char *bytes, size_t n, unsigned *seed)
{
	unsigned char *copy = malloc(n);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	memcpy(copy, bytes, n);
	if (rand_r(seed) % 4 == 0)
		n = (size_t)rand_r(seed) % n;
	else
		for (int i = rand_r(seed) % 200; i >= 0; i--)
			copy[(size_t)rand_r(seed) % n] = (unsigned char)rand_r(seed);
	cr_assert_eq(write(fd, copy, n), (ssize_t)n);
	close(fd);
	free(copy);
}

Test(symbols, damaged_files)
{
	static unsigned char bytes[1 << 20];
	char path[64];
	unsigned seed = 1;
	uint64_t lo = 0, hi = 0;
	size_t n;
	FILE *f;

	cr_assert_eq(run("g++ -O2 -g prog.cc -o prog"), 0);
	cr_assert(function_range("prog", "_ZN2ns5outerEiPKc", &lo, &hi));
	snprintf(path, sizeof(path), "%s/prog", dir);
	f = fopen(path, "r");
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	cr_assert_gt(n, 1000);
	for (int i = 0; i < 400; i++) {
		struct symbols *symbols = symbols_new(NULL);
		struct symbols_frame frames[FRAMES_MAX];

		unlink(path);
		write_damaged(path, bytes, n, &seed);
		for (uint64_t addr = lo; addr < hi; addr += 3)
			cr_assert_geq(resolve(symbols, "prog", addr, frames), 1);
		resolve(symbols, "prog", 0, frames);
		resolve(symbols, "prog", UINT64_MAX, frames);
		symbols_free(symbols);
	}
}
